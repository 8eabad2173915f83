//! One request for a key set, within bounds: the only file that speaks HTTP.

use std::{fmt, time::Duration};

use reqwest::{
    Certificate, Client, Response, StatusCode, Url,
    header::{ACCEPT, AGE, AsHeaderName, CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH},
    redirect,
};

use super::freshness;
use crate::{
    error::{AddressError, AddressRule, FetchFault, RemoteError},
    keyring::address::{self, Query},
};

/// Where a set is, and how it may be asked for.
pub(super) struct Fetcher {
    client: Client,
    url: Url,
    timeout: Duration,
    longest: usize,
}

/// How a set is asked for.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) timeout: Duration,
    pub(super) longest: usize,
    pub(super) environment_proxy: bool,
    /// PEM texts of the only roots that are trusted; the machine's own where there is none.
    pub(super) roots: Option<Vec<u8>>,
}

/// A good answer.
pub(super) struct Answer {
    /// `None` when the set is what it was.
    pub(super) body: Option<String>,
    pub(super) etag: Option<HeaderValue>,
    /// How long its headers let others keep it.
    pub(super) fresh_for: Option<Duration>,
}

impl Fetcher {
    /// `setting` names the address in errors.
    pub(super) fn new(setting: &'static str, url: &str, settings: &Settings) -> Result<Self, RemoteError> {
        let checked = address::check(setting, url, Query::Allowed)?;
        let refused = AddressError { setting, rule: AddressRule::NotUrl };
        let url = Url::parse(url).map_err(|_| refused)?;
        // Two readers of one address have to see one host. (IPv6 has several spellings of one.)
        if !checked.host.starts_with('[') && !url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(checked.host)) {
            return Err(refused.into());
        }
        let client = Client::builder()
            // A redirect could lead to any address that this machine reaches, and past the check of this one.
            .redirect(redirect::Policy::none())
            .referer(false)
            // One fetch is one request, or the bound on fetches would not hold; a connection is of no use five minutes later.
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .https_only(checked.https)
            .connect_timeout(settings.timeout)
            .user_agent(concat!("session-runtime/", env!("CARGO_PKG_VERSION")));
        let client = if settings.environment_proxy { client } else { client.no_proxy() };
        let client = match &settings.roots {
            Some(pem) => {
                let roots = Certificate::from_pem_bundle(pem).map_err(|_| RemoteError::Tls)?;
                if roots.is_empty() {
                    return Err(RemoteError::Tls);
                }
                client.tls_certs_only(roots)
            }
            // Without TLS there is nothing to trust, and a machine without certificates can still talk to itself.
            None if !checked.https => client.tls_certs_only([]),
            None => client,
        };
        let client = client.build().map_err(|_| RemoteError::Tls)?;
        Ok(Self { client, url, timeout: settings.timeout, longest: settings.longest })
    }

    /// The host, for logs. The rest of an address may hold what is not for them.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Asks for the set; with the tag of the last one, only if it has changed. It may be dropped at any time.
    pub(super) async fn fetch(&self, etag: Option<&HeaderValue>) -> Result<Answer, FetchFault> {
        // Over everything, so that neither a slow handshake nor a body that drips holds a fetch open.
        let answer = tokio::time::timeout(self.timeout, self.exchange(etag)).await;
        answer.unwrap_or(Err(FetchFault::TimedOut { allowed: self.timeout }))
    }

    async fn exchange(&self, etag: Option<&HeaderValue>) -> Result<Answer, FetchFault> {
        let mut request = self.client.get(self.url.clone()).header(ACCEPT, "application/jwk-set+json, application/json");
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let response = request.send().await.map_err(|error| self.fault(&error))?;
        let fresh_for = freshness::fresh_for(texts(&response, CACHE_CONTROL), texts(&response, AGE).next());
        let tag = response.headers().get(ETAG).filter(|tag| tag.len() <= LONGEST_TAG).cloned();
        let status = response.status();
        let body = match status {
            StatusCode::OK => Some(self.body(response).await?),
            StatusCode::NOT_MODIFIED if etag.is_some() => None,
            _ if status.is_redirection() && status != StatusCode::NOT_MODIFIED => {
                return Err(FetchFault::Redirect { status: status.as_u16() });
            }
            _ => return Err(FetchFault::Status { status: status.as_u16() }),
        };
        Ok(Answer { body, etag: tag, fresh_for })
    }

    /// Reads no more than the limit, whatever the answer says of its own length.
    async fn body(&self, mut response: Response) -> Result<String, FetchFault> {
        let too_long = FetchFault::TooLong { limit: self.longest };
        let longest = u64::try_from(self.longest).unwrap_or(u64::MAX);
        if response.content_length().is_some_and(|length| length > longest) {
            return Err(too_long);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| FetchFault::BrokenOff)? {
            if body.len().saturating_add(chunk.len()) > self.longest {
                return Err(too_long);
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|_| FetchFault::NotASet)
    }

    /// The kind of an error only; its text names addresses.
    fn fault(&self, error: &reqwest::Error) -> FetchFault {
        if error.is_timeout() {
            FetchFault::TimedOut { allowed: self.timeout }
        } else if error.is_connect() {
            FetchFault::Unreachable
        } else {
            FetchFault::BrokenOff
        }
    }
}

fn texts(response: &Response, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    response.headers().get_all(name).iter().filter_map(|value| value.to_str().ok())
}

/// A longer tag is not sent back: the next answer is then a whole set, and no harm is done.
const LONGEST_TAG: usize = 256;

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("host", &self.host()).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
