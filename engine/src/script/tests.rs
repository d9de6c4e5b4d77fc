#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::expression::{Context, Inbound, NilIds, NoRecords};
use crate::value::{Arena, Limits, read};

fn run(text: &str, argument: &str) -> Result<String, String> {
    run_by(|| Duration::ZERO, text, argument)
}

/// The result as JSON, or the fault without the path and the script's name.
fn run_by(stopwatch: fn() -> Duration, text: &str, argument: &str) -> Result<String, String> {
    let mut scripts = Scripts::new(stopwatch);
    let file = scripts.compile("s.rhai", text).map_err(|mistakes| {
        let told = mistakes.iter().map(|mistake| {
            format!("{} {}:{} {}", mistake.code, mistake.line, mistake.column, mistake.message)
        });
        told.collect::<Vec<_>>().join("; ")
    })?;
    scripts.insert("p.s", file);
    let arena = Arena::new();
    let value = read(argument.as_bytes(), &arena, &Limits::default()).unwrap();
    let inbound = Inbound::default();
    let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &NilIds, &NoRecords, &inbound, value);
    let scope = Scope::new(&arena, &context, value);
    let mut json = Vec::new();
    let result = scripts.find("p.s", "f", 1).unwrap().call(&[value], &scope);
    result.map_err(|error| error.to_string().replace("script s.rhai:", ""))?.write_json(&mut json);
    Ok(String::from_utf8(json).unwrap())
}

/// All scripts at once that do not end as they are told to.
fn differences<'t>(
    told: impl IntoIterator<Item = (&'t str, &'t str)>,
    run: impl Fn(&str) -> String,
) -> String {
    let ends = told.into_iter().map(|(text, told)| (text, told, run(text)));
    let wrong = ends.filter(|(_, told, ended)| told != ended);
    wrong.map(|(text, told, ended)| format!("{text}\n  told:  {told}\n  ended: {ended}\n")).collect()
}

fn either(result: Result<String, String>) -> String {
    result.unwrap_or_else(|fault| fault)
}

/// On a stack as the runtime gives it to its threads, more for code that is not optimized.
fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 << 20);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

/// A millisecond passes at every look.
fn hurried() -> Duration {
    static LOOKS: AtomicU64 = AtomicU64::new(0);
    Duration::from_millis(LOOKS.fetch_add(1, Ordering::Relaxed))
}

const STEPS: &str = "it took more than 50000 steps";
const TIME: &str = "it took longer than 100 ms";
const SIZE: &str = "a value grew beyond 256 KB of text or 10000 elements or members";
const CALLS: &str = "more than 32 calls nest";

/// Every way that was found to make a script take more than it should, and how it ends.
const GREEDY: [(&str, &str); 34] = [
    ("fn f(x) { loop { x += 1; } }", STEPS),
    ("fn f(x) { while true { } }", STEPS),
    ("fn f(x) { for i in 0..1000000000000000000 { x += i % 7; } }", STEPS),
    ("fn f(x) { for i in range(0, 9000000000000000000, 3) { x = i; } }", STEPS),
    ("fn f(x) { try { loop { } } catch { 1 } }", STEPS),
    ("fn f(x) { let a = []; a.pad(9999, 7); a.map(|y| { let n = 0; while n < 1000 { n += 1; } n }) }", STEPS),
    (
        "fn f(x) { let a = []; a.pad(9999, 7); a.sort(|l, r| { let n = 0; while n < 99 { n += 1; } n }) }",
        STEPS,
    ),
    ("fn f(x) { let a = []; a.pad(9999, 7); a.reduce(|s, y| { while s < 9 { } s }, 0) }", STEPS),
    ("fn f(x) { let a = []; a.pad(9999, 7); loop { a.contains(3); } }", STEPS),
    ("fn f(x) { let a = []; a.pad(4999, [1]); loop { let same = a == a; } }", STEPS),
    ("fn f(x) { let a = []; a.pad(9999, \"abc\"); loop { let b = a; } }", TIME),
    ("fn f(x) { let m = #{}; for i in 0..4000 { m[`k${i}`] = i; } loop { let b = m; } }", TIME),
    ("fn f(x) { let s = \"a \"; for i in 0..12 { s += s; } loop { s.split(\" \"); } }", TIME),
    (
        "fn f(x) { let s = \"a\"; for i in 0..17 { s += s; } let n = s + \"b\"; loop { s.index_of(n); } }",
        TIME,
    ),
    ("fn f(x) { let a = []; loop { a = [a]; } }", TIME),
    ("fn f(x) { let m = #{}; loop { m = #{a: #{a: #{a: m}}}; } }", TIME),
    ("fn f(x) { let s = \"ab\"; loop { s += s; } }", SIZE),
    ("fn f(x) { try { let s = \"ab\"; loop { s += s; } } catch { 1 } }", SIZE),
    ("fn f(x) { let s = \"ab\"; loop { s = `${s}${s}`; } }", SIZE),
    ("fn f(x) { let a = [1]; loop { a += a; } }", SIZE),
    ("fn f(x) { let a = [1]; loop { a = [a, a]; } }", SIZE),
    ("fn f(x) { let a = [1]; a.pad(1000000000, 1); }", SIZE),
    ("fn f(x) { let s = \"a\"; s.pad(1000000000, \"b\"); }", SIZE),
    ("fn f(x) { let s = \"a\"; for i in 0..17 { s += s; } s.replace(\"a\", s); }", SIZE),
    ("fn f(x) { let m = #{}; for i in 0..20000 { m[`k${i}`] = i; } }", STEPS),
    ("fn f(x) { let s = \"a\"; for i in 0..17 { s += s; } s.to_chars(); }", SIZE),
    ("fn f(x) { f(x) }", CALLS),
    ("fn f(x) { [x].map(|y| f(y)) }", CALLS),
    ("fn f(x) { let g = Fn(\"f\"); call(g, x) }", CALLS),
    ("fn f(x) { g(x) } fn g(x) { h(x) } fn h(x) { f(x) }", CALLS),
    ("fn f(x) { 1 + (1 + (1 + (1 + (1 + (1 + (1 + (1 + (1 + (1 + (1 + f(x))))))))))) }", CALLS),
    (
        "fn f(x) { let d = 1.5; loop { d = d ** d; } }",
        "a number is out of range, divided by zero or not a number",
    ),
    (
        "fn f(x) { let y = x; for i in 0..70 { y *= 7; } y }",
        "a number is out of range, divided by zero or not a number",
    ),
    ("fn f(x) { let g = Fn(\"cu\" + \"rry\"); g.call(g, g) }", "it failed"),
];

#[test]
fn whatever_a_script_does_it_ends_in_a_clear_fault() {
    with_stack(|| {
        let by = |stopwatch: fn() -> Duration| {
            move |text: &str| {
                let fault = either(run_by(stopwatch, text, "1"));
                fault.split_once(": ").map_or(fault.clone(), |(_, detail)| detail.to_owned())
            }
        };
        let (slow, others): (Vec<_>, Vec<_>) =
            GREEDY.iter().copied().partition(|(_, detail)| *detail == TIME);
        assert_eq!(differences(slow, by(hurried)), "");
        assert_eq!(differences(others, by(|| Duration::ZERO)), "");
    });
}

/// By a true clock: none of them takes a second.
#[test]
#[allow(clippy::disallowed_types, reason = "this is about time")]
fn no_script_takes_long() {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    with_stack(|| {
        for (text, _) in GREEDY {
            let began = START.elapsed();
            either(run_by(|| START.elapsed(), text, "1"));
            let took = START.elapsed() - began;
            assert!(took < Duration::from_secs(3), "{text} took {took:?}");
        }
    });
}

/// What it did in time is paid for by the message, and so is the time.
#[test]
fn a_message_pays_for_what_its_scripts_do() {
    let mut scripts = Scripts::default();
    let file = scripts.compile("s.rhai", "fn f(n) { for i in 0..n { } n }").unwrap();
    scripts.insert("p.s", file);
    let script = scripts.find("p.s", "f", 1).unwrap();
    let (arena, inbound) = (Arena::new(), Inbound::default());
    let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &NilIds, &NoRecords, &inbound, Value::Null);
    let scope = Scope::new(&arena, &context, Value::Null);
    let cost = |n: i64| {
        let before = context.budget();
        let result = script.call(&[Value::integer(&arena, n)], &scope);
        (result.is_ok(), before - context.budget())
    };
    assert!(matches!(cost(0), (true, 500..1_000)));
    assert!(matches!(cost(1_000), (true, 10_000..20_000)));
    let calls = std::iter::repeat_with(|| cost(30_000)).take_while(|(done, _)| *done).count();
    assert!((30..80).contains(&calls), "{calls} of the longest calls");
    let told = script.call(&[Value::Null], &scope).unwrap_err().to_string();
    assert_eq!(told, "the computation is larger than one message may cause");
}

#[test]
fn what_could_do_more_than_compute_is_not_there() {
    let ends = [
        ("fn f(x) { eval(\"1\") }", "E0705 1:11 a script cannot use `eval`"),
        ("fn f(x) { sleep(1) }", "E0705 1:11 a script cannot use `sleep`"),
        ("fn f(x) { import \"a\" as b; x }", "E0705 1:11 a script cannot use `import`"),
        ("export const x = 1;", "E0705 1:1 a script cannot use `export`"),
        ("fn f(x) { let p = Fn(\"f\"); p.curry(p) }", "E0705 1:30 a script cannot use `curry`"),
        ("fn f(x) { let m = #{curry: 1}; m.curry(m) }", "E0705 1:21 a script cannot use `curry`"),
        ("fn f(x) { Fn(\"curry\") }", "E0705 1:14 a script cannot use `curry`"),
        ("fn f(x) { spawn x }", "E0705 1:11 a script cannot use `spawn`"),
        ("fn f(x) { timestamp() }", "E0702 1:11 there is no function `timestamp`"),
        ("fn f(x) { blob(2000000000) }", "E0702 1:11 there is no function `blob`"),
        ("fn f(x) { x.tan() }", "E0705 1:13 a script cannot use `tan`"),
        ("fn f(x) { exit() }", "E0705 1:11 a script cannot use `exit`"),
        ("fn f(x) { open_file(x) }", "E0702 1:11 there is no function `open_file`"),
        ("fn f(x) { let n = 1; [x].map(|y| y + n) }", "E0701 1:38 there is no variable `n`"),
        ("fn f(x) { x }\n\n  let limit = 5;", "E0706 3:3 a statement stands outside of all functions"),
    ];
    assert_eq!(differences(ends, |text| either(run(text, "1"))), "");
    assert_eq!(
        run("fn f(x) { Fn(\"sl\" + \"eep\").call(9) }", "1").unwrap_err(),
        "1:28: it calls a function that is not there"
    );
    assert_eq!(
        run("fn f(x) { Fn(\"t\" + \"an\").call(1.5) }", "1").unwrap_err(),
        "1:26: it calls a function that is not there"
    );
    assert_eq!(run("fn f(x) { print(x); debug(x); 1 }", "1").unwrap(), "1");
}

#[test]
fn calls_that_can_only_fail_are_found_at_load() {
    let all = run(
        "fn f(x) {\n  let y = gade(x);\n  if x { x.lenn() } else { trim(x, 1) }\n}\nfn grade(a, b) { [a].filter(Fn(\"grad\")) }\nfn h(x) { grade(x) + x.pad(1) }",
        "1",
    );
    assert_eq!(
        all.unwrap_err(),
        "E0702 2:11 there is no function `gade`; E0702 3:12 there is no function `lenn`; \
         E0703 3:28 `trim` takes 1 argument, 2 given; E0702 5:32 there is no function `grad`; \
         E0703 6:11 `grade` takes 2 arguments, 1 given; E0703 6:24 `pad` takes 2 arguments, 1 given"
    );
}

/// Everything a script may call is known: operators, members that hold functions, methods of one's own.
#[test]
fn calls_that_may_succeed_are_left_alone() {
    let ends = [
        ("fn f(x) { let m = #{twice: |y| y * 2}; m.twice(x) }", "4"),
        ("fn f(x) { let m = #{}; m.twice = |y| y * 2; m.twice(x) }", "4"),
        ("fn f(x) { let m = #{}; m[\"twice\"] = |y| y * 2; m.twice(x) }", "4"),
        ("fn f(x) { x.twice() } fn twice() { this * 2 }", "4"),
        ("fn f(x) { let g = Fn(\"twice\"); g.call(x) + call(g, x) } fn twice(y) { y * 2 }", "8"),
        ("fn f(x) { [3, 1, x].map(|y| y + 1).filter(|y| y > 2).reduce(|s, y| s + y, 0) }", "7"),
        ("fn f(x) { let a = [3, 1, x]; a.sort(); a.index_of(3) + a.len() + a.len + len(a) }", "11"),
        ("fn f(x) { if type_of(x) == \"i64\" && is_def_fn(\"f\", 1) && is_def_var(\"x\") { x } }", "2"),
        ("fn f(x) { switch x { 1 => \"one\", 2 => `two ${x}`, _ => () } }", "\"two 2\""),
        (
            "fn f(x) { let s = \"Ab\"; s.to_upper() + s.sub_string(1) + s[0] + s.split(\"\").len() }",
            "\"ABbA4\"",
        ),
        ("fn f(x) { #{a: 1, b: x}.keys().len() + max(1, x) + abs(-x) + x.min(1) }", "7"),
        ("fn f(x) { parse_int(\"7\") + parse_decimal(\"1.50\").floor() + (2.567).round(2) }", "10.57"),
        ("private fn g(x) { x } fn f(x) { g(x) ?? 1 }", "2"),
        ("fn f(x) { x in [1, 2] && !(x in 5..9) && \"b\" in \"abc\" && \"k\" in #{k: 1} }", "true"),
    ];
    assert_eq!(differences(ends, |text| either(run(text, "2"))), "");
}

#[test]
fn a_fault_names_the_line_and_nothing_of_the_message() {
    let told = |text: &str| either(run(text, r#"{"s": "SECRET", "n": 1, "list": []}"#));
    let ends = [
        ("fn f(x) {\n  throw x.s\n}", "2:3: it threw an error"),
        ("fn f(x) {\n  throw `bad ${x.s}`\n}", "2:3: it threw an error"),
        ("fn f(x) {\n  throw \"no such grade\"\n}", "2:3: it threw `no such grade`"),
        ("fn f(x) {\n  g(x)\n}\nfn g(x) {\n  throw \"inner\"\n}", "5:3: it threw `inner`"),
        (
            "fn f(x) {\n  [x].map(|y| y.s.trim(y.s.missing))\n}",
            "E0703 2:19 `trim` takes 0 arguments, 1 given",
        ),
        ("fn f(x) {\n  x.n.trim()\n}", "2:7: `trim` does not take (i64)"),
        ("fn f(x) {\n  x.s - 1\n}", "2:7: `-` does not take (string, i64)"),
        ("fn f(x) {\n  Fn(x.s).call()\n}", "2:11: it calls a function that is not there"),
        ("fn f(x) {\n  x.n.name\n}", "2:7: a value that is no object is asked for a member"),
        ("fn f(x) {\n  x.list[5]\n}", "2:10: an index is outside of the array"),
        ("fn f(x) {\n  x.s[50]\n}", "2:7: an index is outside of the text"),
        ("fn f(x) {\n  parse_int(x.s)\n}", "2:3: a number is out of range, divided by zero or not a number"),
        ("fn f(x) {\n  if x.s { 1 }\n}", "2:7: expected bool, found string"),
        ("fn f(x) {\n  for i in x.n { }\n}", "2:12: `for` goes over a value that has no elements"),
        ("fn f(x) {\n  1 / (x.n - 1)\n}", "2:5: a number is out of range, divided by zero or not a number"),
        ("fn f(x) {\n  |y| y\n}", "2:3: it returned a function, which JSON cannot hold"),
        (
            "fn f(x) {\n  [0..5]\n}",
            "2:3: it returned a range or another value of the language's own, which JSON cannot hold",
        ),
        (
            "fn f(x) {\n  let a = [];\n  for i in 0..40 { a = [a]; }\n  a\n}",
            "2:3: what it returned nests deeper than 32 levels",
        ),
    ];
    assert_eq!(differences(ends, told), "");
}

#[test]
fn division_is_exact() {
    let ends = [
        ("7 / 2", "3.5"),
        ("6 / 2", "3"),
        ("x / 2", "1.5"),
        ("1 / 3", "0.3333333333333333333333333333"),
        ("(7 / 2).floor().to_int()", "3"),
        ("7 % 2", "1"),
        ("{ let y = 7; y /= 2; y }", "3.5"),
        ("{ let y = 7.50; y /= 2; y }", "3.75"),
        ("0.1 + 0.2", "0.3"),
        ("19.99 * 100", "1999.00"),
        ("1 == 1.0", "true"),
    ];
    assert_eq!(differences(ends, |text| either(run(&format!("fn f(x) {{ {text} }}"), "3"))), "");
    for text in ["x / 0", "x % 0", "x / 0.0", "(-9223372036854775807 - 1) / -1", "9223372036854775807 + 1"] {
        let fault = run(&format!("fn f(x) {{ {text} }}"), "3").unwrap_err();
        assert!(
            fault.ends_with("a number is out of range, divided by zero or not a number"),
            "{text}: {fault}"
        );
    }
}

#[test]
fn numbers_keep_their_digits() {
    for (number, result) in [
        ("1.10", "1.10"),
        ("5.00", "5.00"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("12345678901234567890", "12345678901234567890"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
        ("1.5e3", "1500"),
        ("1E-3", "0.001"),
        // Too long for a decimal: text, with all its digits.
        ("1234567890123456789012345678.123", "\"1234567890123456789012345678.123\""),
        ("1e40", "\"1e40\""),
    ] {
        assert_eq!(run("fn f(x) { x }", number).unwrap(), result);
    }
}

#[test]
fn more_than_a_script_may_hold_is_refused() {
    let many = format!("[1{}]", ",1".repeat(10_000));
    let long = format!("\"{}\"", "a".repeat(300_000));
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    for argument in [many, long, deep] {
        assert_eq!(run("fn f(x) { 1 }", &argument).unwrap_err(), "a script is given more than it may hold");
    }
    let large = format!("// {}\nfn f(x) {{ x }}", "a".repeat(70_000));
    assert_eq!(run(&large, "1").unwrap_err(), "E0704 1:1 the script has more than 64 KB");
}

/// Any JSON with members in alphabetical order.
fn json() -> impl Strategy<Value = String> {
    let text = "[a-zа-я\"\\\\ ]{0,6}".prop_map(|text| serde_json::to_string(&text).unwrap());
    let decimal = (any::<bool>(), 0..1_000_000_000_000_u64, "[0-9]{1,12}")
        .prop_map(|(negative, whole, rest)| format!("{}{whole}.{rest}", if negative { "-" } else { "" }));
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|whole| whole.to_string()),
        decimal,
        text.clone(),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::btree_map("[a-zа-я]{1,5}", inner, 0..5).prop_map(|all| {
                let members = all.iter().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_goes_in_comes_out_with_its_digits(json in json()) {
        prop_assert_eq!(run("fn f(x) { x }", &json).unwrap(), json);
    }
}
