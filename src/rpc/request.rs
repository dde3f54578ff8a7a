//! Request ids (AIP-155): a request that is sent again is answered again, and changes nothing twice.

use super::status::{FieldFault, Refusal};
use crate::auth::Caller;
use crate::determination::{Agency, answered};
use crate::problem::Problem;
use crate::store::StoreError;
use crate::store::requests::Request;
use prost::Message;

/// The request of a message, if it has an id; `method` and the caller are part of what it is.
pub(super) fn of(
    id: &str,
    method: &str,
    caller: &Caller,
    message: &impl Message,
) -> Result<Option<Request>, Refusal> {
    if id.is_empty() {
        return Ok(None);
    }
    if !is_uuid(id) {
        let en = format!("\"{id}\" is not a UUID");
        let zh = format!("“{id}”不是 UUID");
        return Err(Refusal::invalid_request(vec![FieldFault::new("request_id", "malformed", &en, &zh)]));
    }
    Ok(Some(Request::new(id, method, &caller.name, &message.encode_to_vec())))
}

/// The answer to a request whose work ended in a conflict, or met what it was to bring about: another call with its id may
/// have been faster.
pub(super) async fn after_conflict(
    agency: &Agency,
    request: Option<&Request>,
    problem: Problem,
) -> Result<String, Refusal> {
    let raced =
        matches!(problem, Problem::Store(StoreError::Conflict) | Problem::Stale(..) | Problem::State(..));
    if raced && let Some(answer) = answered(agency, request).await? {
        return Ok(answer);
    }
    Err(problem.into())
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn uuids() {
        assert!(is_uuid("3f1b9e1c-0d8e-4e0b-9f51-6a0c3c1e7a2B"));
        for wrong in ["", "x", "3f1b9e1c0d8e4e0b9f516a0c3c1e7a2b", "3f1b9e1c-0d8e-4e0b-9f51-6a0c3c1e7a2g"] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
