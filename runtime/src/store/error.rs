use std::{fmt, sync::Arc};

/// Why the store did not do what it was asked. Nothing of the refused call was kept, unless a variant says otherwise.
///
/// Messages name ids, records and fields; they never hold values.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// The settlement's claim is no longer the current one: its lease ran out, or it was settled already.
    StaleFence { delivery: String },
    /// A unique value of the record already belongs to a record with another key.
    RecordConflict { record: String, field: String },
    /// The fields to write are not one JSON object.
    InvalidRecord { record: String },
    /// A delivery names another message than the one it is committed with.
    ForeignDelivery { delivery: String },
    /// Another message came before with the id of this one.
    KnownId { message: String },
    /// There is no room for the data. The store stays usable.
    Full,
    /// The store cannot promise durability any more; the process has to end. The outcome of the call is unknown:
    /// what it wrote may be found after the restart.
    Failed { reason: String },
    /// The backend refused the call.
    Backend { source: Arc<dyn std::error::Error + Send + Sync> },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaleFence { delivery } => {
                write!(f, "the claim of delivery {delivery} is no longer current")
            }
            Self::RecordConflict { record, field } => {
                write!(f, "record {record}: the value of unique field {field} belongs to another key")
            }
            Self::InvalidRecord { record } => {
                write!(f, "record {record}: its fields are not one JSON object")
            }
            Self::ForeignDelivery { delivery } => {
                write!(f, "delivery {delivery} belongs to another message")
            }
            Self::KnownId { message } => {
                write!(f, "another message came before with the id of message {message}")
            }
            Self::Full => f.write_str("the store has no room left"),
            Self::Failed { reason } => write!(f, "the store has failed: {reason}"),
            Self::Backend { source } => write!(f, "the store refused the call: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Backend { source } => Some(source.as_ref()),
            _ => None,
        }
    }
}
