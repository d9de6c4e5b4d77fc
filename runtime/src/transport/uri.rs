//! Where a request goes.

use hyper::Uri;
use url::Url;

/// An absolute `http` or `https` URL without credentials: those would become a header, and end up in logs; `auth` is the
/// place. What URLs cannot hold as it is (a name in Cyrillic, a blank, `..`) is written as browsers write it.
pub fn parse(text: &str) -> Option<Uri> {
    if let (true, Ok(uri)) = (is_plain(text), text.parse::<Uri>())
        && uri.authority().is_some_and(|to| !to.host().is_empty() && has_usual_port(&uri))
    {
        return Some(uri);
    }
    let url = Url::parse(text).ok()?;
    let callable = matches!(url.scheme(), "http" | "https") && url.has_host();
    let open = url.username().is_empty() && url.password().is_none();
    (callable && open).then(|| url.as_str().parse().ok())?
}

/// Whether nothing in it has to be written in another way.
fn is_plain(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.contains("/.")
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?&=%+,;!$*".contains(&byte))
    })
}

fn has_usual_port(uri: &Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    !authority.contains(':') || uri.port_u16().is_some()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_lead_to_the_same() {
        for text in [
            "http://a",
            "http://a/",
            "https://bank.example:8443/v1/orders/A-7?view=short&at=2026-01-02T03:04:05%2B03:00",
            "http://127.0.0.1:1/%D0%B0?x=%25,;y",
        ] {
            assert!(is_plain(text), "{text}");
            assert_eq!(parse(text).unwrap(), *Url::parse(text).unwrap().as_str(), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_written_as_browsers_do() {
        for (text, uri) in [
            (
                "http://банк.рф/заявки/1 2",
                "http://xn--80ab2al.xn--p1ai/%D0%B7%D0%B0%D1%8F%D0%B2%D0%BA%D0%B8/1%202",
            ),
            ("http://a/b/../c", "http://a/c"),
            ("HTTP://A/'?'#f", "http://a/'?%27"),
            ("http://[::1]:80/", "http://[::1]/"),
            ("http://a:/", "http://a/"),
        ] {
            assert_eq!(parse(text).unwrap(), *uri, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_none() {
        for text in [
            "",
            "/relative",
            "ftp://host/",
            "http://",
            "http://user:s3cret@host/",
            "http://user@host/",
            "http://a:99999/",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
