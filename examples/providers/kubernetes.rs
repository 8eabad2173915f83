//! Kubernetes, the bound token of a service account: <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: the header has `alg` and `kid` only. The audience is the one that the pod asked for in its projected volume; a token for
/// the API server of the cluster must not get in here.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://kubernetes.default.svc.cluster.local", audience = "orders")]
pub(crate) struct ServiceAccount {
    /// `system:serviceaccount:<namespace>:<name>`
    #[claim(sub)]
    subject: String,
    #[claim(exp)]
    expires: Timestamp,
    /// The outer name has a dot in it, so the path is given name by name.
    #[claim(path("kubernetes.io", "namespace"))]
    namespace: String,
    #[claim(path("kubernetes.io", "serviceaccount", "name"))]
    name: String,
    /// Not there when the token is bound to something else than a pod.
    #[claim(path("kubernetes.io", "pod", "name"))]
    pod: Option<String>,
}

pub(crate) const TOKEN: &str = r#"{
  "aud": ["orders"], "exp": LATER, "iat": NOW, "iss": "https://kubernetes.default.svc.cluster.local",
  "jti": "ea28ed49-2e11-4280-9ec5-bc3d1d84661a",
  "kubernetes.io": {
    "namespace": "shop", "node": { "name": "node-1", "uid": "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1" },
    "pod": { "name": "web-0", "uid": "1a2c1d6c-7c2f-4a5c-9a41-0ea5c5f2b7a0" },
    "serviceaccount": { "name": "web", "uid": "3f6d1f5a-5d0e-4a3c-8a0f-6e5d4c3b2a19" }
  },
  "nbf": NOW, "sub": "system:serviceaccount:shop:web"
}"#;

/// What every pod has, for the cluster's own API.
pub(crate) const API_SERVER: &str = r#"{
  "aud": ["https://kubernetes.default.svc.cluster.local"], "exp": LATER, "iat": NOW,
  "iss": "https://kubernetes.default.svc.cluster.local", "jti": "5b0c1a2d-2e11-4280-9ec5-bc3d1d846644",
  "kubernetes.io": {
    "namespace": "shop", "pod": { "name": "web-0", "uid": "1a2c1d6c-7c2f-4a5c-9a41-0ea5c5f2b7a0" },
    "serviceaccount": { "name": "web", "uid": "3f6d1f5a-5d0e-4a3c-8a0f-6e5d4c3b2a19" }, "warnafter": LATER
  },
  "nbf": NOW, "sub": "system:serviceaccount:shop:web"
}"#;
