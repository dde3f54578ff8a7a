//! A determination by its id, and what a request that was sent before has made.

use super::agency::Agency;
use crate::problem::{Problem, What};
use crate::store::Ask;
use crate::store::requests::{Known, Request};
use crate::store::tables::determinations::{self, Published};

/// A published determination.
///
/// # Errors
///
/// There is none of that id, or those of the database.
pub async fn found(ask: impl Ask, id: &str) -> Result<Published, Problem> {
    let missing = || Problem::NotFound(What::Determination, id.to_owned());
    let (batch, ordinal) = determinations::place(id).ok_or_else(missing)?;
    determinations::published(ask, batch, ordinal).await?.ok_or_else(missing)
}

/// The answer to a request that is known: the id of what it made; None for a new one.
///
/// # Errors
///
/// The id was used for another request, or those of the database.
pub async fn answered(agency: &Agency, request: Option<&Request>) -> Result<Option<String>, Problem> {
    let Some(request) = request else { return Ok(None) };
    match request.known(&agency.db).await? {
        Known::New => Ok(None),
        Known::Done(answer) => Ok(Some(answer)),
        Known::Reused => Err(Problem::RequestIdReused(request.id.clone())),
    }
}
