//! What a person may ask for.

use std::error::Error;

use session_runtime::{
    Clock, Issuer, Revocations, SystemClock, Timestamp,
    jwt::{EdDsa, Jwt},
};

use crate::{Access, watchers::Watchers};

/// Where people log in, and somebody logs them out.
pub(crate) struct Desk {
    issuer: Issuer<Access, Jwt<EdDsa>>,
    revocations: Revocations,
    watchers: Watchers,
    tokens: Vec<Token>,
}

struct Token {
    user: String,
    device: String,
    session: String,
    id: String,
    expires_at: Option<Timestamp>,
    live: bool,
}

const ISSUER: Option<&str> = Some("https://id.example");

impl Desk {
    pub(crate) fn new(issuer: Issuer<Access, Jwt<EdDsa>>, revocations: Revocations, watchers: Watchers) -> Self {
        Self { issuer, revocations, watchers, tokens: Vec::new() }
    }

    pub(crate) async fn run(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => Ok(()),
            ["login", user, device] => self.login(user, device).await,
            ["revoke", number] => {
                let place = self.place(number)?;
                let Some(token) = self.tokens.get(place) else { return Ok(()) };
                self.revocations.revoke_token(ISSUER, &token.id, token.expires_at).await?;
                self.refused(|index, _| index == place).await
            }
            ["end", number] => {
                let place = self.place(number)?;
                let Some(session) = self.tokens.get(place).map(|token| token.session.clone()) else { return Ok(()) };
                self.revocations.revoke_session_of(ISSUER, &session).await?;
                self.refused(|_, token| token.session == session).await
            }
            ["logout", user] => {
                self.revocations.revoke_subject_of(ISSUER, user).await?;
                self.refused(|_, token| token.user == *user).await
            }
            ["all"] => {
                self.revocations.revoke_all().await?;
                self.refused(|_, _| true).await
            }
            ["list"] => {
                for (number, token) in self.tokens.iter().enumerate() {
                    println!("  {} {:<7} {:<7} {}", number + 1, token.user, token.device, self.watchers.say(number));
                }
                println!("  {}", self.revocations.health());
                Ok(())
            }
            _ => Err("that is nothing I know".into()),
        }
    }

    fn place(&self, number: &str) -> Result<usize, Box<dyn Error>> {
        let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|place| *place < self.tokens.len());
        place.ok_or_else(|| format!("there is no token {number}").into())
    }

    async fn login(&mut self, user: &str, device: &str) -> Result<(), Box<dyn Error>> {
        // "Log out everywhere" refuses what was issued by somebody who had not heard of it; here that is nobody but us.
        self.revocations.refresh().await?;
        // Another one for every login: a session that has ended never comes back.
        let session = format!("{device}, {}, {}", SystemClock.wall(), self.tokens.len());
        let issued = self.issuer.issue(&Access { user: user.to_owned(), session: session.clone() })?;
        self.watchers.show(&issued.token).await?;
        let (user, device, id) = (user.to_owned(), device.to_owned(), issued.id.to_string());
        self.tokens.push(Token { user, device, session, id, expires_at: issued.expires_at, live: true });
        println!("  token {}: all three accept it", self.tokens.len());
        Ok(())
    }

    async fn refused(&mut self, covered: impl Fn(usize, &Token) -> bool) -> Result<(), Box<dyn Error>> {
        let mut places = Vec::new();
        for (place, token) in self.tokens.iter_mut().enumerate() {
            if token.live && covered(place, token) {
                token.live = false;
                places.push(place);
            }
        }
        let numbers: Vec<String> = places.iter().map(|place| (place + 1).to_string()).collect();
        println!(
            "  on record; it covers {}",
            if numbers.is_empty() { "nothing that lives".to_owned() } else { format!("token {}", numbers.join(", ")) }
        );
        self.watchers.refusals(&places).await
    }
}
