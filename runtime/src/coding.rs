//! Content codings (RFC 9110, section 8.4.1): what was compressed on its way is read, up to a limit.

use std::io::Read as _;

use bytes::Bytes;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use hyper::header::{HeaderMap, HeaderValue};

/// What is read, as `Accept-Encoding` says it.
pub const READ: HeaderValue = HeaderValue::from_static("gzip, deflate");

/// How a body was compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Deflate,
}

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// It becomes larger than the limit.
    TooLarge,
    /// It is not compressed so, breaks off, or does not end where it should.
    Broken,
}

impl Coding {
    /// The coding of a body with these headers; none of one that is not read, or is compressed several times.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all("content-encoding").iter();
        let Some(coding) = given.next() else { return Some(Self::Identity) };
        if given.next().is_some() {
            return None;
        }
        // `x-gzip` is the same (section 8.4.1.3).
        match coding.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
            "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// The body as it was before; at most `limit` bytes of it are ever made.
    ///
    /// # Errors
    /// [`Error`]
    pub fn decode(self, body: Bytes, limit: usize) -> Result<Bytes, Error> {
        let (mut out, most) = (Vec::new(), limit as u64 + 1);
        let rest = match self {
            Self::Identity => return Ok(body),
            Self::Gzip => {
                let mut decoder = MultiGzDecoder::new(&*body).take(most);
                decoder.read_to_end(&mut out).map_err(|_| Error::Broken)?;
                decoder.into_inner().into_inner()
            }
            Self::Deflate => {
                let mut decoder = ZlibDecoder::new(&*body).take(most);
                decoder.read_to_end(&mut out).map_err(|_| Error::Broken)?;
                decoder.into_inner().into_inner()
            }
        };
        match out.len() > limit {
            true => Err(Error::TooLarge),
            false if rest.is_empty() => Ok(out.into()),
            false => Err(Error::Broken),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(coding: Coding, body: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
        coding.decode(Bytes::copy_from_slice(body), limit).map(Vec::from)
    }

    #[test]
    fn what_was_compressed_is_read_to_its_end() {
        for (coding, compressed) in [(Coding::Gzip, gzip(b"{}")), (Coding::Deflate, zlib(b"{}"))] {
            assert_eq!(decoded(coding, &compressed, 2), Ok(b"{}".to_vec()));
            assert_eq!(decoded(coding, &compressed, 1), Err(Error::TooLarge));
            for wrong in [
                b"".to_vec(),
                b"{}".to_vec(),
                compressed[..compressed.len() - 1].to_vec(),
                [&*compressed, b"x"].concat(),
            ] {
                assert_eq!(decoded(coding, &wrong, 2), Err(Error::Broken), "{coding:?} {wrong:?}");
            }
        }
        assert_eq!(decoded(Coding::Gzip, &[gzip(b"[1,"), gzip(b"2]")].concat(), 9), Ok(b"[1,2]".to_vec()));
    }

    #[test]
    fn a_bomb_is_not_let_off() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(decoded(Coding::Gzip, &bomb, 1 << 20), Err(Error::TooLarge));
    }

    #[test]
    fn codings_that_are_not_read_are_none() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("content-encoding", value.parse().unwrap());
            }
            Coding::of(&headers)
        };
        assert_eq!(of(&[]), Some(Coding::Identity));
        assert_eq!(of(&["GZip"]), Some(Coding::Gzip));
        for wrong in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &[""]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
