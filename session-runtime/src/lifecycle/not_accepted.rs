//! What a verifier will refuse although its own rings sign it: the same ring in a format that nobody accepts.

use super::Verifier;

/// A ring signs in a format that a verifier does not accept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct NotAccepted {
    /// The ring's name.
    pub ring: String,
    /// The name of the format.
    pub format: &'static str,
}

impl<C> Verifier<C> {
    /// The formats in which the accepted rings have a key that signs, and which this verifier does not accept: their tokens are refused here.
    /// Empty when all is well; for a readiness probe, or for whoever changes the format of a ring. Building the verifier has logged them, too.
    ///
    /// A change of format goes to the verifiers first: `accept` the ring in both formats, and only then let an issuer sign with the new one.
    ///
    /// One name in a store is one ring in several formats, so give rings that have nothing to do with each other different names.
    ///
    /// Stored rings only: the store is asked when the ring is opened, and once an hour when it is looked after.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_runtime::{Claims, KeyRing, Verifier, jwt::{EdDsa, Hs256, Jwt}, keyring::{FileKeys, LocalKek}};
    ///
    /// #[derive(Claims)]
    /// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    /// struct Access { #[claim(sub)] user: String }
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("keys.json");
    /// let kek = LocalKek::generate()?;
    /// let new = KeyRing::<Jwt<EdDsa>>::builder().open(FileKeys::at(&path), kek.clone()).await?;
    /// let old = KeyRing::<Jwt<Hs256>>::builder().open(FileKeys::at(&path), kek).await?;
    ///
    /// let verifier = Verifier::<Access>::new(&old)?; // forgets the new one
    /// assert_eq!(verifier.not_accepted()[0].format, "EdDSA");
    /// let verifier = Verifier::<Access>::builder().accept(&old).accept(&new).build()?;
    /// assert!(verifier.not_accepted().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn not_accepted(&self) -> Vec<NotAccepted> {
        let accepted: Vec<_> = self.accepted.iter().map(|ring| ring.siblings()).collect();
        let is_accepted = |ring: &str, format| accepted.iter().any(|(name, own, _)| *name == ring && *own == format);
        let missing = accepted.iter().flat_map(|(ring, _, others)| others.iter().map(move |format| (*ring, *format)));
        let missing = missing.filter(|(ring, format)| !is_accepted(ring, *format));
        let mut missing: Vec<_> = missing.map(|(ring, format)| NotAccepted { ring: ring.to_owned(), format }).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }
}
