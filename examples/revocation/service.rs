//! One of the services that verify: it looks at the tokens that it was shown again and again, and says what has become of them.

use std::{error::Error, time::Duration};

use session_runtime::{
    Verifier,
    error::VerifyError,
    jwt::{EdDsa, Jwt},
    keyring::PublicKeys,
};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{Access, open};

pub(crate) async fn run(log: &str, keys: &str) -> Result<(), Box<dyn Error>> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    // The public half only: this service cannot sign.
    let keys = PublicKeys::<Jwt<EdDsa>>::from_jwks(keys)?;
    let revocations = open(log).await?;
    let verifier = Verifier::<Access>::new(&keys)?.with_revocations(&revocations).await?;
    println!("ready");
    let mut tokens: Vec<(String, String, &'static str)> = Vec::new();
    let mut look = tokio::time::interval(Duration::from_millis(2));
    loop {
        tokio::select! {
            line = lines.next_line() => {
                // The one who started us is gone.
                let Some(line) = line? else { return Ok(()) };
                let (number, token) = line.split_once(' ').ok_or("a number and a token")?;
                tokens.push((number.to_owned(), token.to_owned(), ""));
            }
            _ = look.tick() => {
                for (number, token, known) in &mut tokens {
                    let found = match verifier.verify_now(token) {
                        Ok(_) => "accepted",
                        Err(VerifyError::Revoked) => "revoked",
                        Err(VerifyError::Unavailable(_)) => "unavailable",
                        Err(_) => "refused",
                    };
                    if *known != found {
                        println!("{number} {found}");
                        *known = found;
                    }
                }
            }
        }
    }
}
