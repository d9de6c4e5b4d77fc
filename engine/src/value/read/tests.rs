#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::{collection, prelude::*};

use super::*;

fn round_trip(text: &str) -> String {
    let arena = Arena::new();
    let mut out = Vec::new();
    read(text.as_bytes(), &arena, &Limits::default()).unwrap().write_json(&mut out);
    String::from_utf8(out).unwrap()
}

fn refusal(bytes: &[u8]) -> Error {
    let arena = Arena::new();
    read(bytes, &arena, &Limits::default()).unwrap_err()
}

#[test]
fn what_is_read_is_written_as_it_came() {
    for text in [
        r#"{"b":1.10,"a":-0,"c":[1e2,1E+05,12345678901234567890.10],"d":{},"e":[]}"#,
        r#"["\u0041\/\n\ud83d\ude00","я","",null,true,false]"#,
        "0",
        r#""""#,
    ] {
        assert_eq!(round_trip(text), text);
    }
    assert_eq!(round_trip(" { \"a\" :\t[ 1 ,\r\n2 ] } "), r#"{"a":[1,2]}"#);
}

#[test]
fn a_refusal_says_what_and_where() {
    use Kind::*;
    for (text, kind, offset) in [
        ("", Empty, 0),
        (" \n", Empty, 2),
        ("\u{feff}1", ByteOrderMark, 0),
        ("[1", End, 2),
        ("{\"a\"", End, 4),
        ("1 2", Trailing, 2),
        ("[1,]", Value, 3),
        ("nul", Value, 0),
        ("NaN", Value, 0),
        ("+1", Value, 0),
        (".5", Value, 0),
        ("{1:2}", Key, 1),
        ("{\"a\":1,}", Key, 7),
        ("{\"a\" 1}", Colon, 5),
        ("{\"a\":1 2}", CommaOrBrace, 7),
        ("[1 2]", CommaOrBracket, 3),
        ("[\"abc]", UnterminatedString, 1),
        ("[\"abc\\", UnterminatedString, 5),
        ("\"a\nb\"", ControlCharacter, 2),
        ("\"a\\x\"", Escape, 2),
        ("\"\\u12\"", Escape, 1),
        ("\"\\ud800\"", LoneSurrogate, 1),
        ("\"\\ud800\\u0041\"", LoneSurrogate, 1),
        ("\"\\udc00\"", LoneSurrogate, 1),
        ("1.", Digit, 2),
        ("1e", Digit, 2),
        ("-", Digit, 1),
        ("-a", Digit, 1),
        ("01", LeadingZero, 0),
        ("[1e123456789012345678]", Exponent, 1),
        ("{\"a\":1,\"\\u0061\":2}", DuplicateKey, 7),
    ] {
        let error = refusal(text.as_bytes());
        assert_eq!((error.kind, error.offset), (kind, offset), "{text:?}");
    }
    assert_eq!(refusal(b"[\"\xff\"]").offset, 2);
    assert_eq!(refusal(b"[\"\xd0\xb0\xed\xa0\x80\"]").kind, Utf8);
}

#[test]
fn columns_count_characters() {
    let error = refusal("{\n  \"имя\": x\n}".as_bytes());
    assert_eq!((error.line, error.column), (2, 10));
    assert_eq!(
        error.to_string(),
        "line 2, column 10: expected a value: an object, an array, a string, a number, true, false or null"
    );
}

#[test]
fn large_objects_refuse_duplicates_too() {
    let members: Vec<_> = (0..100).map(|at| format!("\"k{at}\":{at}")).collect();
    assert!(round_trip(&format!("{{{}}}", members.join(","))).len() > 100);
    let error = refusal(format!("{{{},\"\\u006b7\":0}}", members.join(",")).as_bytes());
    assert_eq!(error.kind, Kind::DuplicateKey);
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(round_trip(&nested(64)), nested(64));
    assert_eq!(refusal(nested(65).as_bytes()).kind, Kind::Depth);
    assert_eq!(refusal("[".repeat(1_000_000).as_bytes()).kind, Kind::Depth);
    assert_eq!(refusal("{\"a\":".repeat(1_000_000).as_bytes()).kind, Kind::Depth);
    let arena = Arena::new();
    let limits = Limits { depth: usize::MAX };
    assert!(read(nested(Limits::MAX_DEPTH).as_bytes(), &arena, &limits).is_ok());
    assert!(read(nested(Limits::MAX_DEPTH + 1).as_bytes(), &arena, &limits).is_err());
    // Siblings do not add up.
    assert!(read("[[],[],[{}]]".as_bytes(), &arena, &Limits { depth: 3 }).is_ok());
}

#[test]
fn a_reused_arena_is_enough() {
    let text = format!("[{}]", vec![r#"{"a":"b\n","c":[1,2,{}]}"#; 100].join(","));
    let mut arena = Arena::new();
    let mut sizes = Vec::new();
    for _ in 0..10 {
        arena.reset();
        read(text.as_bytes(), &arena, &Limits::default()).unwrap();
        sizes.push(arena.allocated_bytes());
    }
    assert_eq!(sizes.get(5), sizes.get(9));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (-1e300..1e300).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 100, 25, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            collection::vec((any::<String>(), inner), 0..25)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn serde_json_agrees_on_what_is_json(value in any_json()) {
        let compact = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&round_trip(&compact), &compact);
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(&round_trip(&pretty), &compact);
        let arena = Arena::new();
        let tree = read(pretty.as_bytes(), &arena, &Limits::default()).unwrap();
        let mut out = Vec::new();
        tree.write_pretty(&mut out);
        let written = String::from_utf8(out).unwrap();
        prop_assert_eq!(&written, &pretty);
        prop_assert_eq!(Value::from_serde(&arena, &value), tree);
    }

    #[test]
    fn serde_json_agrees_on_what_is_not(text in "[\\[\\]{}:,\"a\\\\u0-9.eE+ tfn-]{0,12}") {
        let arena = Arena::new();
        let ours = read(text.as_bytes(), &arena, &Limits::default());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match ours {
            Ok(_) => prop_assert!(theirs.is_ok() || theirs.is_err_and(|error| error.to_string().contains("out of range"))),
            Err(Error { kind: Kind::DuplicateKey | Kind::Exponent, .. }) => {}
            Err(_) => prop_assert!(theirs.is_err(), "{}", text),
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in collection::vec(any::<u8>(), 0..64)) {
        let arena = Arena::new();
        let _ = read(&bytes, &arena, &Limits::default());
    }
}
