//! Private halves are printed when they are asked for by name, and never else.

use serde_json::Value;

use crate::support::Desk;

/// Every text in which the private half of a key file could be found: its lines, its members, its PASERK.
fn canaries(text: &str) -> Vec<String> {
    if let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text) {
        let private = ["d", "k", "p", "q", "dp", "dq", "qi", "priv"];
        return members
            .iter()
            .filter(|(name, _)| private.contains(&name.as_str()))
            .filter_map(|(_, value)| Some(value.as_str()?.to_owned()))
            .collect();
    }
    // The first bytes of PKCS#8 are the same in every key of a family, and in the first half of a long one stands the modulus.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('-')).collect();
    let first = if lines.len() > 6 { lines.len() / 2 } else { 0 };
    let rest = |line: &&str| -> String {
        let prefixes = ["k4.secret.", "k4.local.", "k3.secret.", "k3.local."];
        let line = prefixes.iter().find_map(|prefix| line.strip_prefix(prefix)).unwrap_or(line);
        line.chars().skip(24).collect()
    };
    lines[first..].iter().map(rest).filter(|rest| rest.len() >= 8).collect()
}

#[test]
fn private_halves_are_never_printed_unasked() {
    let desk = Desk::new();
    let mut known = Vec::new();
    let mut said = String::new();
    let mut see = |desk: &Desk, arguments: &[&str]| {
        for arguments in [arguments.to_vec(), [arguments, &["--json"]].concat()] {
            let ran = desk.run(&arguments);
            said.push_str(&ran.out);
            said.push_str(&ran.err);
        }
    };
    for format in ["EdDSA", "ES256", "RS256", "HS256", "ML-DSA-44", "v4.public", "v4.local", "v3.public", "v3.local"] {
        see(&desk, &["keys", "generate", "--format", format, "--out", format]);
        known.extend(canaries(&desk.read(format)));
        if format == "EdDSA" {
            known.extend(canaries(&desk.ok(&["keys", "export", format, "--private", "--as", "jwk"])));
        }
        for form in ["pem", "jwk", "paserk", "jwks"] {
            see(&desk, &["keys", "export", format, "--as", form]);
            see(&desk, &["keys", "export", format, "--as", form, "--format", format]);
        }
        see(&desk, &["keys", "show", format]);
        see(&desk, &["keys", "generate", "--format", format, "--out", format]);
        see(&desk, &["verify", "e30.e30.e30", "--key", format]);
        see(&desk, &["verify", "e30.e30.e30", "--secret-file", format]);
        see(&desk, &["verify", "e30.e30.e30", "--jwks", format]);
        see(&desk, &["inspect", "e30.e30.e30", "--secret-file", format]);
        see(&desk, &["inspect", "e30.e30.e30", "--schema", format]);
        see(&desk, &["keys", "list", "--store", "file:keys.json", "--kek-file", format]);
        // What is given in the wrong place is not repeated either.
        let text = desk.read(format);
        if !text.starts_with("k3") && !text.starts_with("k4") {
            see(&desk, &["verify", "e30.e30.e30", "--store", &format!("@{format}")]);
        }
        let store = ["--store", "file:keys.json", "--plaintext-keys", "--format", format];
        see(&desk, &[&["keys", "generate"], &store[..]].concat());
        see(&desk, &[&["keys", "rotate"], &store[..]].concat());
        see(&desk, &[&["keys", "list"], &store[..]].concat());
        see(&desk, &[&["keys", "show"], &store[..]].concat());
        see(&desk, &[&["keys", "plan"], &store[..]].concat());
        see(&desk, &[&["keys", "prune", "--dry-run"], &store[..]].concat());
        see(&desk, &[&["keys", "export", "--as", "jwks"], &store[..]].concat());
    }
    // The private halves of every ring, in the open in this store.
    let stored: Value = serde_json::from_str(&desk.read("keys.json")).unwrap();
    for formats in stored["rings"].as_object().unwrap().values() {
        for key in formats.as_object().unwrap().values().flat_map(|ring| ring["keys"].as_array().unwrap()) {
            known.extend(key["private"].as_str().map(|text| text.chars().skip(text.len() / 2).collect::<String>()));
        }
    }
    assert!(known.len() > 20 && said.len() > 10_000, "{} canaries in {} bytes", known.len(), said.len());
    for canary in known {
        assert!(!said.contains(&canary), "a private half was printed");
    }
}
