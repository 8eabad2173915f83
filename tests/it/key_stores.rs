//! Stored rings: nothing that goes wrong in a store ever leads to a new key, a lost key, or a key in the clear.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use session_runtime::{
    BoxFuture, Format, KeyRing, Verifier,
    error::{KeyError, StoreError, VerifyError},
    jwt::{EdDsa, Hs256, Jwt},
    keyring::{FileKeys, KeyState, KeyWrap, LocalKek, PlaintextKeys, PublicKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
    testing::ManualClock,
};

use crate::support::{Access, ada, issuer, noon, scan::Canaries, token, verdict};

/// A folder with a key file that is about to be.
struct Place {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    Place { _folder: folder, file }
}

impl Place {
    fn keys(&self) -> FileKeys {
        FileKeys::at(&self.file)
    }

    async fn open<F: Format>(&self, clock: &ManualClock) -> Result<KeyRing<F>, KeyError> {
        KeyRing::builder().clock(clock.clone()).open(self.keys(), kek()).await
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&fs::read(&self.file).unwrap()).unwrap()
    }
}

fn kek() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

/// Every test of one format runs in these two: one with a public half, one without.
macro_rules! in_both_kinds {
    ($check:ident) => {{
        $check::<Jwt<EdDsa>>().await;
        $check::<V4Local>().await;
        $check::<V3Public>().await;
        $check::<V3Local>().await;
    }};
}

#[tokio::test]
async fn a_ring_outlives_its_process() {
    async fn check<F: Format>() {
        let (place, clock) = (place(), noon());
        let ring = place.open::<F>(&clock).await.unwrap();
        let before = token(&ring);
        ring.rotate().await.unwrap();
        let after = token(&ring);
        let keys = ring.keys();
        drop(ring);
        let again = place.open::<F>(&clock).await.unwrap();
        assert_eq!(again.keys(), keys, "{}", F::NAME);
        let verifier = Verifier::<Access>::new(&again).unwrap();
        assert_eq!([&before, &after].map(|token| verdict(&verifier.verify_now(token))), ["good", "good"], "{}", F::NAME);
        assert_eq!(issuer::<Access, F>(&again).issue(&ada()).unwrap().key_id, keys[1].id);
    }
    check::<Jwt<Hs256>>().await;
    check::<V4Public>().await;
    in_both_kinds!(check);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (place, clock) = (place(), noon());
    let ring = place.open::<V4Local>(&clock).await.unwrap();
    ring.rotate().await.unwrap();
    let secret = place.file.with_file_name("kek");
    LocalKek::from_file_or_generate(&secret).unwrap();
    for entry in fs::read_dir(place.file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

/// A crash leaves the old file or the new one; what it was writing beside them is never read.
#[tokio::test]
async fn what_a_crash_left_behind_does_no_harm() {
    let (place, clock) = (place(), noon());
    let ring = place.open::<V4Local>(&clock).await.unwrap();
    let before = token(&ring);
    let new = place.file.with_file_name("keys.json.new");
    for left in [b"".as_slice(), b"{ \"version\": 1, \"ri", &[0xff; 4_096]] {
        fs::write(&new, left).unwrap();
        let again = place.open::<V4Local>(&clock).await.unwrap();
        assert_eq!(verdict(&Verifier::<Access>::new(&again).unwrap().verify_now(&before)), "good");
        again.rotate().await.unwrap();
        assert!(!new.exists(), "renamed over the key file");
    }
    ring.reload().await.unwrap();
    assert_eq!(ring.keys().len(), 4);
}

/// Opens and reloads the ring of a file that now holds `bytes`: both fail as `want`, and no byte of the file changes.
#[track_caller]
fn check_unreadable(place: &Place, ring: &KeyRing<V4Local>, bytes: &[u8], want: &str) {
    fs::write(&place.file, bytes).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for error in [
        runtime.block_on(place.open::<V4Local>(&noon())).map(drop),
        runtime.block_on(ring.reload()),
        runtime.block_on(ring.rotate()).map(drop),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }
    assert_eq!(fs::read(&place.file).unwrap(), bytes, "no new key, and what was there is kept");
    assert_eq!(
        fs::read_dir(place.file.parent().unwrap())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "new"))
            .count(),
        0
    );
}

#[test]
fn a_file_that_cannot_be_read_is_no_empty_file() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let place = place();
    let ring = runtime.block_on(place.open::<V4Local>(&noon())).unwrap();
    let good = fs::read(&place.file).unwrap();
    let before = token(&ring);
    for bytes in [
        b"".to_vec(),
        b"\n".to_vec(),
        b"null".to_vec(),
        b"{}".to_vec(),
        good[..good.len() / 2].to_vec(),
        good[..good.len() - 1].to_vec(),
        [good.as_slice(), b"x"].concat(),
        vec![0; 512],
        String::from_utf8(good.clone()).unwrap().replace("\"epoch\"", "\"epohc\"").into_bytes(),
        String::from_utf8(good.clone()).unwrap().replace("\"suspended\"", "\"compromised\"").into_bytes(),
    ] {
        check_unreadable(&place, &ring, &bytes, "not understood at line ");
    }
    let newer = String::from_utf8(good.clone()).unwrap().replacen("\"version\": 1", "\"version\": 2, \"new\": {}", 1);
    check_unreadable(&place, &ring, newer.as_bytes(), "version 2, this library reads up to 1: upgrade it");
    // The keys in memory went on working all the while.
    assert_eq!(verdict(&Verifier::<Access>::new(&ring).unwrap().verify_now(&before)), "good");
    fs::write(&place.file, good).unwrap();
    runtime.block_on(ring.reload()).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error() {
    let place = place();
    let missing = FileKeys::at(place.file.with_file_name("nowhere").join("keys.json"));
    let error = KeyRing::<V4Local>::builder().open(missing, kek()).await.map(drop).unwrap_err();
    assert!(matches!(error, KeyError::Store(StoreError::NotApplied { .. })), "{error}");
    let error = KeyRing::<V4Local>::builder().open(FileKeys::at(place.file.parent().unwrap()), kek()).await.map(drop).unwrap_err();
    assert!(matches!(error, KeyError::Store(StoreError::Unreadable { .. })), "{error}");
}

/// A ring that was there and is gone is an error, and the keys stay as they were.
#[tokio::test]
async fn a_ring_that_vanished_is_not_made_anew() {
    let (place, clock) = (place(), noon());
    let ring = place.open::<V4Local>(&clock).await.unwrap();
    let before = token(&ring);
    fs::remove_file(&place.file).unwrap();
    let error = ring.reload().await.unwrap_err();
    assert_eq!(error.to_string(), "the key store cannot be read: a ring that was there is gone");
    assert!(matches!(ring.rotate().await, Err(KeyError::Store(StoreError::Conflict { .. }))));
    assert!(!place.file.exists());
    assert_eq!(verdict(&Verifier::<Access>::new(&ring).unwrap().verify_now(&before)), "good");
}

#[tokio::test]
async fn a_wrong_key_encryption_key_is_an_error() {
    async fn check<F: Format>() {
        let (place, clock) = (place(), noon());
        let ring = place.open::<F>(&clock).await.unwrap();
        let before = fs::read(&place.file).unwrap();
        let id = ring.keys()[0].id.clone().unwrap();
        let other = LocalKek::from_bytes(&[8; 32]).unwrap();
        let error = KeyRing::<F>::builder().open(place.keys(), other).await.map(drop).unwrap_err();
        assert_eq!(error, KeyError::CannotUnwrap(id.clone()), "{}", F::NAME);
        let error = KeyRing::<F>::builder().open(place.keys(), PlaintextKeys).await.map(drop).unwrap_err();
        assert_eq!(error, KeyError::CannotUnwrap(id), "{}", F::NAME);
        assert_eq!(fs::read(&place.file).unwrap(), before, "{}", F::NAME);
    }
    // Its wrapped form is as good a secret as any.
    check::<Jwt<Hs256>>().await;
    in_both_kinds!(check);
}

#[test]
fn a_bad_key_encryption_file_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kek");
    LocalKek::from_file_or_generate(&path).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    assert_eq!(good.trim().len(), 64);
    let refused = |text: &[u8]| {
        fs::write(&path, text).unwrap();
        let error = LocalKek::from_file_or_generate(&path).map(drop);
        assert_eq!(fs::read(&path).unwrap(), text, "a file that is there is never overwritten");
        error.map_err(|error| error.to_string())
    };
    let want = Err("key refused: not readable as 64 hexadecimal digits".to_owned());
    for text in [b"".as_slice(), b"\n", b"0123", &good.as_bytes()[..63], &good.replace(char::is_numeric, "g").into_bytes(), &[0xff; 64]] {
        assert_eq!(refused(text), want);
    }
    assert_eq!(refused(format!("+{}", &good.trim()[1..]).as_bytes()), want, "a sign is no digit");
    assert_eq!(refused(format!(" {}\r\n", good.trim()).as_bytes()), Ok(()));
    assert!(LocalKek::from_file_or_generate(folder.path()).is_err());
    // Where a key has to be, none is made.
    fs::remove_file(&path).unwrap();
    assert!(LocalKek::from_file(&path).is_err() && !path.exists());
}

/// Writes `change` of the file's JSON and opens the ring `name` of it.
async fn tampered(place: &Place, name: &str, change: impl FnOnce(&mut Value)) -> Result<(), KeyError> {
    let good = fs::read(&place.file).unwrap();
    let mut json = place.json();
    change(&mut json);
    fs::write(&place.file, json.to_string()).unwrap();
    let opened = KeyRing::<V4Local>::builder().name(name).clock(noon()).open(place.keys(), kek()).await.map(drop);
    fs::write(&place.file, good).unwrap();
    opened
}

/// A private half is bound to its ring, format, epoch and name, so that write access to the store moves no key.
#[tokio::test]
async fn a_record_does_not_unwrap_in_another_place() {
    let place = place();
    let ring = place.open::<V4Local>(&noon()).await.unwrap();
    ring.rotate().await.unwrap();
    let record = |json: &Value, index: usize| json["rings"]["main"]["v4.local"]["keys"][index].clone();
    let is_bound = |result: Result<(), KeyError>| assert!(matches!(result, Err(KeyError::CannotUnwrap(_))), "{result:?}");

    assert_eq!(tampered(&place, "main", |_| ()).await, Ok(()), "what is only written anew opens");
    is_bound(tampered(&place, "other", |json| json["rings"]["other"] = json["rings"]["main"].clone()).await);
    is_bound(tampered(&place, "main", |json| json["rings"]["main"]["v4.local"]["keys"][1]["epoch"] = json!(7)).await);
    is_bound(tampered(&place, "main", |json| json["rings"]["main"]["v4.local"]["keys"][1]["key_id"] = json!("k4.lid.other")).await);
    is_bound(
        tampered(&place, "main", |json| {
            json["rings"]["main"]["v4.local"]["keys"][1]["private"] = record(json, 0)["private"].clone();
        })
        .await,
    );
    // Another format of the same ring, whose keys would be of the same length.
    let hs = KeyRing::<Jwt<Hs256>>::builder().clock(noon()).open(place.keys(), kek()).await.unwrap();
    is_bound(tampered(&place, "main", |json| json["rings"]["main"]["v4.local"] = json["rings"]["main"]["HS256"].clone()).await);
    drop(hs);
    let doubled = tampered(&place, "main", |json| {
        let first = record(json, 0);
        json["rings"]["main"]["v4.local"]["keys"].as_array_mut().unwrap().push(first);
    });
    assert!(matches!(doubled.await, Err(KeyError::DuplicateKeyId(_))));
    let nameless = tampered(&place, "main", |json| json["rings"]["main"]["v4.local"]["keys"][0]["key_id"] = json!(""));
    assert!(matches!(nameless.await, Err(KeyError::Refused { .. })));
}

#[tokio::test]
async fn several_rings_and_formats_share_a_file() {
    let (place, clock) = (place(), noon());
    let main = place.open::<V4Local>(&clock).await.unwrap();
    let other = KeyRing::<V4Local>::builder().name("other").clock(clock.clone()).open(place.keys(), kek()).await.unwrap();
    let jwt = place.open::<Jwt<EdDsa>>(&clock).await.unwrap();
    let tokens = [token(&main), token(&other), token(&jwt)];
    main.rotate().await.unwrap();
    other.rotate().await.unwrap();
    for ring in [&main, &other] {
        ring.reload().await.unwrap();
        assert_eq!(ring.keys().len(), 2);
    }
    jwt.reload().await.unwrap();
    assert_eq!(jwt.keys().len(), 1);
    let verifier = Verifier::<Access>::new(&main).unwrap();
    let verdicts = tokens.each_ref().map(|token| verifier.verify_now(token).is_ok());
    assert_eq!(verdicts, [true, false, false]);
    // A service that only verifies needs no key-encryption key and sees the public halves.
    let public = PublicKeys::<Jwt<EdDsa>>::open(&place.keys(), "main").await.unwrap();
    let reader = Verifier::<Access>::builder().accept(&public).clock(clock).build().unwrap();
    assert_eq!(verdict(&reader.verify_now(&tokens[2])), "good");
    assert!(PublicKeys::<V4Public>::open(&place.keys(), "main").await.is_err(), "no such ring is an error, not an empty set");
}

/// Keeps the plain private halves that it was handed, as a spy.
#[derive(Debug, Clone)]
struct Spy {
    wrap: Arc<dyn KeyWrap>,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl KeyWrap for Spy {
    fn wrap<'a>(&'a self, context: &'a [u8], plain: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, KeyError>> {
        self.seen.lock().unwrap().push(plain.to_vec());
        self.wrap.wrap(context, plain)
    }
    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> BoxFuture<'a, Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeyError>> {
        self.wrap.unwrap(context, wrapped)
    }
}

#[tokio::test]
async fn private_halves_are_in_the_clear_only_by_name() {
    async fn stored<F: Format>(wrap: impl KeyWrap) -> (String, Canaries) {
        let place = place();
        let spy = Spy { wrap: Arc::new(wrap), seen: Arc::default() };
        let ring = KeyRing::<F>::builder().open(place.keys(), spy.clone()).await.unwrap();
        ring.rotate().await.unwrap();
        let mut canaries = Canaries::default();
        for half in &*spy.seen.lock().unwrap() {
            // PKCS#8 of a P-384 key ends in its public half, which may be in the clear.
            let public = half.windows(4).position(|bytes| bytes == [0xa1, 0x64, 3, 0x62]);
            canaries.add("a private half", &half[..public.unwrap_or(half.len())]);
        }
        (fs::read_to_string(&place.file).unwrap(), canaries)
    }
    async fn check<F: Format>() {
        let (text, canaries) = stored::<F>(kek()).await;
        canaries.check(F::NAME, &text);
        // Sabotage: the same search finds them where nothing wraps them.
        let (text, canaries) = stored::<F>(PlaintextKeys).await;
        assert!(!canaries.find(&text).is_empty(), "{}", F::NAME);
    }
    check::<Jwt<Hs256>>().await;
    in_both_kinds!(check);
}

/// A compromised key leaves a tombstone, and its secret is gone from the file.
#[tokio::test]
async fn a_compromised_key_stays_compromised_after_a_restart() {
    async fn check<F: Format>() {
        let (place, clock) = (place(), noon());
        let ring = place.open::<F>(&clock).await.unwrap();
        let reader = place.open::<F>(&clock).await.unwrap();
        let stolen = issuer::<Access, F>(&ring).issue(&ada()).unwrap();
        let lost = stolen.key_id.unwrap();
        ring.compromise(&lost).await.unwrap();
        let record = place.json()["rings"]["main"][F::NAME]["keys"][0].clone();
        assert_eq!((&record["key_id"], &record["private"]), (&json!(lost.as_str()), &Value::Null), "{}", F::NAME);
        // Another process learns of it when it reads again, and a restart knows it from the start.
        assert_eq!(verdict(&Verifier::<Access>::new(&reader).unwrap().verify_now(&stolen.token)), "good");
        reader.reload().await.unwrap();
        ring.reload().await.unwrap();
        let restarted = place.open::<F>(&clock).await.unwrap();
        for ring in [&ring, &reader, &restarted] {
            assert_eq!(
                Verifier::<Access>::new(ring).unwrap().verify_now(&stolen.token).map(drop),
                Err(VerifyError::Revoked),
                "{}",
                F::NAME
            );
            assert_eq!(ring.state(&lost), Some(KeyState::Compromised), "{}", F::NAME);
            assert_eq!(verdict(&Verifier::<Access>::new(ring).unwrap().verify_now(&token(ring))), "good", "{}", F::NAME);
        }
    }
    check::<Jwt<Hs256>>().await;
    check::<V4Public>().await;
    in_both_kinds!(check);
}

/// Eight processes open an empty store at once, each with everything of its own: they all hold the one key.
#[test]
fn many_openings_make_one_key() {
    fn check<F: Format>() {
        let place = place();
        let barrier = Barrier::new(8);
        let opened: Vec<KeyRing<F>> = thread::scope(|scope| {
            let open = || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                barrier.wait();
                runtime.block_on(KeyRing::<F>::builder().clock(noon()).open(FileKeys::at(&place.file), kek())).unwrap()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let tokens: Vec<String> = opened.iter().map(token).collect();
        for ring in &opened {
            assert_eq!(ring.keys(), opened[0].keys(), "{}", F::NAME);
            assert_eq!(ring.keys().len(), 1);
            for token in &tokens {
                assert_eq!(verdict(&Verifier::<Access>::new(ring).unwrap().verify_now(token)), "good", "{}", F::NAME);
            }
        }
    }
    check::<Jwt<EdDsa>>();
    check::<V4Local>();
}

#[tokio::test]
async fn of_two_rotations_one_wins_and_the_other_is_told() {
    let (place, clock) = (place(), noon());
    let [one, two] = [place.open::<V4Local>(&clock).await.unwrap(), place.open::<V4Local>(&clock).await.unwrap()];
    let rotated = one.rotate().await.unwrap();
    let conflict = KeyError::Store(StoreError::Conflict { store: "the key file" });
    assert_eq!(two.rotate().await.map(drop), Err(conflict.clone()));
    assert_eq!(two.compromise(&rotated.key_id).await.map(drop), Err(KeyError::NoSuchKey(rotated.key_id.clone())));
    two.reload().await.unwrap();
    assert_eq!(two.keys(), one.keys());
    assert_eq!(issuer::<Access, _>(&two).issue(&ada()).unwrap().key_id, Some(rotated.key_id));
    two.rotate().await.unwrap();
    assert_eq!(one.rotate().await.map(drop), Err(conflict));
}

#[tokio::test]
async fn a_stored_ring_keeps_the_life_that_it_was_made_with() {
    let place = place();
    let open = |max_ttl: Option<u64>| {
        let builder = KeyRing::<V4Local>::builder();
        let builder = match max_ttl {
            Some(seconds) => builder.max_ttl(Duration::from_secs(seconds)),
            None => builder,
        };
        builder.open(place.keys(), kek())
    };
    assert_eq!(open(Some(900)).await.unwrap().max_ttl(), Duration::from_secs(900));
    assert_eq!(open(None).await.unwrap().max_ttl(), Duration::from_secs(900));
    let error = open(Some(901)).await.map(drop).unwrap_err();
    assert!(matches!(error, KeyError::OutOfBounds { setting: "max_ttl", .. }), "{error}");
}

/// A store put back to an older state does not bring a compromised key back to life in a process that knows better.
#[tokio::test]
async fn a_store_that_went_back_is_an_error() {
    let (place, clock) = (place(), noon());
    let ring = place.open::<V4Local>(&clock).await.unwrap();
    let stolen = issuer::<Access, _>(&ring).issue(&ada()).unwrap();
    let backup = fs::read(&place.file).unwrap();
    ring.compromise(&stolen.key_id.unwrap()).await.unwrap();
    fs::write(&place.file, backup).unwrap();
    let error = ring.reload().await.unwrap_err();
    assert!(matches!(error, KeyError::Store(StoreError::Unreadable { .. })), "{error}");
    assert_eq!(Verifier::<Access>::new(&ring).unwrap().verify_now(&stolen.token).map(drop), Err(VerifyError::Revoked));
    // Nor when the older state has been changed so often since that its version tells nothing.
    let unaware = place.open::<V4Local>(&clock).await.unwrap();
    unaware.rotate().await.unwrap();
    unaware.rotate().await.unwrap();
    assert!(matches!(ring.reload().await, Err(KeyError::Store(StoreError::Unreadable { .. }))));
    assert_eq!(Verifier::<Access>::new(&ring).unwrap().verify_now(&stolen.token).map(drop), Err(VerifyError::Revoked));
}

/// A stored ring without any key is a store that lost something.
#[tokio::test]
async fn a_ring_without_keys_is_an_error() {
    let place = place();
    place.open::<V4Local>(&noon()).await.unwrap();
    let empty = tampered(&place, "main", |json| json["rings"]["main"]["v4.local"]["keys"] = json!([])).await;
    assert!(matches!(empty, Err(KeyError::Store(StoreError::Unreadable { .. }))), "{empty:?}");
}
