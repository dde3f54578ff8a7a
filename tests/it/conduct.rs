//! How the service behaves towards callers that behave badly, and on its way down.
