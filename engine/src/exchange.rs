//! The words for one exchange with a partner, as documents say them and plans keep them.

/// The HTTP methods a contract can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Json,
    /// `application/x-www-form-urlencoded`, seen as an object of strings.
    Form,
    /// Of what comes in: anything, which is not read and seen as an empty object.
    Raw,
    /// Of what goes out: there is no body, whatever was mapped.
    Nothing,
}

/// Which of the routes that could take a message do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Routes {
    #[default]
    First,
    All,
}

/// What a response means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    Retry,
    Rejected,
}

/// What becomes of a delivery that can be tried no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exhausted {
    /// It waits for a person; the next of its lane goes on without it.
    #[default]
    ParkMessage,
    /// It waits for a person, and its lane with it.
    ParkKey,
    /// Where a later one of its lane goes to the same endpoint it is no longer needed; else it waits for a person.
    LatestWins,
}

/// What becomes of a message whose id is known and whose body is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conflict {
    /// Its sender is told.
    #[default]
    Refuse,
    /// It is a repeat all the same.
    Ignore,
}

/// What follows where it is not known whether the partner has acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// It is tried again, with the same idempotency key.
    #[default]
    Retry,
    /// It waits for a person, who can find out.
    Park,
}

/// How a delivery or a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    Rejected,
    /// The attempts are spent.
    Failed,
}
