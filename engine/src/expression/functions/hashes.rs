//! Hashes, and codes that prove who wrote a text. JSON has no bytes: they are given as hex, or as base64.

use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::encodings::Encoding;
use crate::expression::binding::{Arguments, Binding, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Arena, Value};

pub static FUNCTIONS: &[Function] = &[
    Function::bound("hash", &[Type::MaybeString, Type::String, Type::String], 2, |binding| {
        let algorithm = Algorithm::written(binding, 1)?;
        digest(binding, algorithm, 2)
    }),
    Function::bound(
        "hmac",
        &[Type::String, Type::MaybeString, Type::String, Type::String, Type::String],
        3,
        keyed,
    ),
    Function::bound("sha256", &[Type::MaybeString, Type::String], 1, |binding| {
        digest(binding, Algorithm::Sha256, 1)
    }),
];

#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

const ALGORITHMS: [(&str, Algorithm); 4] = [
    ("sha256", Algorithm::Sha256),
    ("sha512", Algorithm::Sha512),
    ("sha1", Algorithm::Sha1),
    ("md5", Algorithm::Md5),
];

impl Algorithm {
    /// The algorithm that a call names; SHA-256 where it names none.
    fn written(binding: &Binding<'_>, position: usize) -> Result<Self, Problem> {
        Ok(binding.choice(position, "an algorithm", &ALGORITHMS)?.unwrap_or(Self::Sha256))
    }

    fn digest<'t>(self, text: &[u8], arena: &'t Arena) -> &'t [u8] {
        match self {
            Self::Md5 => arena.alloc_slice_copy(&Md5::digest(text)),
            Self::Sha1 => arena.alloc_slice_copy(&Sha1::digest(text)),
            Self::Sha256 => arena.alloc_slice_copy(&Sha256::digest(text)),
            Self::Sha512 => arena.alloc_slice_copy(&Sha512::digest(text)),
        }
    }

    /// A key may have any length: a long one is hashed first (RFC 2104), so there is always a code.
    fn authenticate<'t>(self, key: &[u8], text: &[u8], arena: &'t Arena) -> &'t [u8] {
        match self {
            Self::Md5 => code::<Hmac<Md5>>(key, text, arena),
            Self::Sha1 => code::<Hmac<Sha1>>(key, text, arena),
            Self::Sha256 => code::<Hmac<Sha256>>(key, text, arena),
            Self::Sha512 => code::<Hmac<Sha512>>(key, text, arena),
        }
    }
}

fn code<'t, M: Mac + hmac::digest::KeyInit>(key: &[u8], text: &[u8], arena: &'t Arena) -> &'t [u8] {
    let Ok(mut mac) = <M as Mac>::new_from_slice(key) else { return &[] };
    mac.update(text);
    arena.alloc_slice_copy(&mac.finalize().into_bytes())
}

#[derive(Debug)]
struct Hash {
    algorithm: Algorithm,
    encoding: Encoding,
}

fn digest(binding: &Binding<'_>, algorithm: Algorithm, position: usize) -> Result<Box<dyn Bound>, Problem> {
    let encoding = Encoding::written(binding, position)?;
    Ok(Box::new(Hash { algorithm, encoding }))
}

impl Bound for Hash {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
        scope.pay(text.len())?;
        Ok(self.encoding.value(self.algorithm.digest(text.as_bytes(), scope.arena), scope))
    }
}

/// `hmac(key, text, algorithm, encoding, key_encoding)`
#[derive(Debug)]
struct Keyed {
    algorithm: Algorithm,
    encoding: Encoding,
    /// How the key's bytes are written; none where they are the key's own text.
    key: Option<Encoding>,
}

fn keyed(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let algorithm = Algorithm::written(binding, 2)?;
    let encoding = Encoding::written(binding, 3)?;
    let words = Encoding::WORDS.map(|(word, encoding)| (word, Some(encoding)));
    let key = binding.choice(4, "an encoding of keys", &[&[("text", None)], &words[..]].concat())?.flatten();
    Ok(Box::new(Keyed { algorithm, encoding, key }))
}

impl Bound for Keyed {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let (Some(key), Some(text)) = (arguments.text(0, scope)?, arguments.text(1, scope)?) else {
            return Ok(Value::Null);
        };
        scope.pay(key.len().saturating_add(text.len()))?;
        let key = match self.key {
            None => key.as_bytes(),
            Some(encoding) => encoding
                .read(key, scope.arena)
                .ok_or_else(|| arguments.value_error(format!("the key is not {}", encoding.name())))?,
        };
        Ok(self.encoding.value(self.algorithm.authenticate(key, text.as_bytes(), scope.arena), scope))
    }
}
