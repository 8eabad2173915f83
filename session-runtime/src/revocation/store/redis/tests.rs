//! The log in Redis without a server: how entries are spelled, and what is made of answers. The rest is in `tests/servers`.

use super::*;
use crate::{
    limits,
    revocation::{DigestKey, Position, Target},
};

fn bulk(text: &str) -> Value {
    Value::BulkString(text.as_bytes().to_vec())
}

fn array(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|text| bulk(text)).collect())
}

fn facts() -> Value {
    array(&["life", "1000", "1003", "86400", "000000000000000000000000000000ff", "1893456030500", "1893456000", "250999"])
}

fn position(number: u64) -> Position {
    Position::new(number).unwrap()
}

#[test]
fn a_log_lies_on_one_node_of_a_cluster() {
    let keys = Keys::of("orders");
    assert_eq!(keys.wake, "{session:revocations:orders}:wake");
    assert!(Keys::of("a}").wake.starts_with("{session:revocations:a}}:"), "what follows the first brace is in no tag of another log");
}

/// The facts of the log reach the reader, and the time that is left is by the server's clock.
#[test]
fn every_answer_says_how_the_log_stands() {
    let batch = answer::batch(&Cursor::after(position(1_003)), "tail", &[facts(), array(&[])]).unwrap();
    let mut key = [0; 16];
    key[15] = 0xff;
    let life = crate::revocation::Life::new(position(1_000), Duration::from_millis(30_250), DigestKey::from_bytes(key));
    let want =
        Batch::new("life", Vec::new(), position(1_003), limits::MAX_TTL).with_now(Timestamp::from_unix(1_893_456_000)).with_life(life);
    assert_eq!(batch, want);
}

#[test]
fn a_tail_goes_on_where_it_ends() {
    fn entry(id: &str, name: &str, below: &str) -> Value {
        let target = format!(r#"["token","","{name}"]"#);
        Value::Array(vec![bulk(id), array(&["target", &target, "not_after", "-7", "covers_below", below])])
    }
    let tail = Value::Array(vec![entry("1001-0", "a", "1001"), entry("1002-0", "b", "17")]);
    let batch = answer::batch(&Cursor::after(position(1_000)), "tail", &[facts(), tail]).unwrap();
    let of = |name, number| Entry::new(Target::token(None, name), Timestamp::from_unix(-7), position(number));
    assert_eq!(batch.entries, [of("a", 1_001), of("b", 1_002).covering_below(position(17))]);
    assert_eq!((batch.complete_to, batch.more, batch.whole), (position(1_002), Some(Cursor::after(position(1_002))), false));
}

/// Every page but the last proves nothing new, and the last one proves what stood there when the first was asked for.
#[test]
fn everything_is_read_in_pages() {
    let page = |cursor: &Cursor, scan: &str| {
        let fields = array(&[r#"["subject","I","ada"]"#, "900 9223372036854775807", r#"["everything","",""]"#, "1001 5 3"]);
        answer::batch(cursor, "page", &[facts(), bulk("1002"), bulk(scan), fields]).unwrap()
    };
    let away = Cursor::after(position(950));
    let first = page(&away, "17");
    assert_eq!((first.complete_to, first.whole), (position(950), true));
    let everything = Entry::new(Target::everything(), Timestamp::from_unix(5), position(1_001)).covering_below(position(3));
    assert_eq!(first.entries, [Entry::new(Target::subject(Some("I"), "ada"), Entry::FOREVER, position(900)), everything]);
    let more = first.more.unwrap();
    let second = page(&more, "18");
    assert_eq!((second.complete_to, second.whole), (position(950), false));
    let last = page(&second.more.unwrap(), "0");
    assert_eq!((last.complete_to, last.whole, last.more), (position(1_002), false, Some(Cursor::after(position(1_002)))));

    // Another life begins again, a note that is none of ours too, and who asks for everything is not told that he gets it.
    assert!(page(&Cursor::after(position(950)).at_page("1002 17 other life"), "18").whole);
    assert!(page(&Cursor::after(position(950)).at_page("hush"), "18").whole);
    assert!(!page(&Cursor::START, "17").whole);
}

#[test]
fn what_is_not_understood_is_no_entry_less() {
    #[track_caller]
    fn check(name: &str, value: &str) {
        let page = [facts(), bulk("1002"), bulk("0"), array(&[name, value])];
        assert!(answer::batch(&Cursor::START, "page", &page).is_none(), "{name} {value}");
    }
    for name in ["", "[]", r#"["sessions","",""]"#, r#"["token",""]"#, r#"["token","","",""]"#, r#"["token-digest","07","42"]"#] {
        check(name, "900 5");
    }
    for value in ["", "900", "900 ", "900 five", "0900 5", "-1 5", "900 5 ", "900 5 3 1", "900 +5", "9007199254740992 5", "900 05"] {
        check(r#"["token","",""]"#, value);
    }
    let odd = array(&[r#"["token","",""]"#]);
    assert!(answer::batch(&Cursor::START, "page", &[facts(), bulk("1002"), bulk("0"), odd]).is_none(), "a name without a value");
    assert!(answer::batch(&Cursor::START, "done", &[facts(), array(&[])]).is_none());
    assert!(answer::batch(&Cursor::START, "tail", &[array(&["life"]), array(&[])]).is_none());
}

#[test]
fn a_script_says_what_it_did_not_do() {
    #[track_caller]
    fn check(texts: &[&str], want: &str) {
        let told = match Told::of(array(texts)) {
            Ok(told) => told.done().map(drop).unwrap_err().to_string(),
            Err(Fault::Refused(reason)) => format!("refused: {reason}"),
            Err(Fault::Lost(reason)) => format!("lost: {reason}"),
        };
        assert_eq!(told, want, "{texts:?}");
    }
    check(&["lost"], "the revocation log in Redis may have lost what it held");
    check(&["layout", "2"], "the revocation log in Redis has version 2, this library reads up to 1: upgrade it");
    check(&["layout", ""], "refused: its layout is none that ever was");
    check(&["layout", "0"], "refused: its layout is none that ever was");
    check(&["copy"], "refused: it is a replica, and only the primary knows everything");
    check(&["alone"], "refused: it lacks the replicas that it shall have: another may have taken its place");
    check(&["nameless"], "refused: it does not say which server it is");
    check(&["full"], "refused: no position is left");
    check(&["half"], "lost: it stopped in the middle, for want of a right");
    check(&[], "lost: a script answered something else");
}

#[tokio::test]
async fn off_the_machine_the_server_is_checked() {
    let error = RedisRevocations::connect("redis://:hush@redis.example:1").await.unwrap_err();
    let problem = "off this machine it needs rediss:// and a checked certificate";
    assert_eq!(error, StoreError::Misconfigured { store: NAME, problem });
    // Nobody listens on port 1.
    let error = RedisRevocations::connect("redis://:hush@127.0.0.1:1").await.unwrap_err().to_string();
    assert_eq!(error, "the revocation log in Redis cannot be read: the connection was refused");
}
