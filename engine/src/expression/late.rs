//! What is read when an expression first looks at it.

use std::cell::Cell;

use crate::value::{Arena, Limits, Value, read};

/// A JSON text, or its value: few rules that work on a response look back at the message, or at what was sent.
#[derive(Debug)]
pub struct Late<'a> {
    text: &'a [u8],
    /// None until it is read; within, none if it is not JSON.
    value: Cell<Option<Option<Value<'a>>>>,
}

impl<'a> Late<'a> {
    /// A value that is there.
    #[must_use]
    pub fn known(value: Value<'a>) -> Self {
        Self { text: &[], value: Cell::new(Some(Some(value))) }
    }

    #[must_use]
    pub fn text(text: &'a [u8]) -> Self {
        Self { text, value: Cell::new(None) }
    }

    /// None if the text is not JSON.
    pub fn get(&self, arena: &'a Arena) -> Option<Value<'a>> {
        self.value.get().unwrap_or_else(|| {
            let value = read(self.text, arena, &Limits::default()).ok();
            self.value.set(Some(value));
            value
        })
    }
}
