//! A gRPC service behind the layer: refusals are statuses of gRPC. The service is written by hand over the types of `http`, as tonic's
//! generated ones are; with tonic the same layer goes to `Server::builder().layer(…)`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]

use std::{convert::Infallible, error::Error};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, Request, Response, header::CONTENT_TYPE},
};
use session_runtime::{
    Claims, Issuer, KeyRing, Verified, Verifier,
    http::{Authenticated, Grpc, Guard, RequireAuth},
    paseto::V4Public,
};
use tower::{Layer, ServiceExt, service_fn};

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "greeter", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
    roles: Vec<String>,
}

struct Staff;

impl Guard<Access> for Staff {
    fn allows(access: &Verified<Access>) -> bool {
        access.roles.iter().any(|role| role == "staff")
    }
}

/// `/greeter.Greeter/Hello`: a message with the greeting in its first field, in a frame.
async fn hello(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    // Behind `RequireAuth` they are always there; a method that forgets the layer has nobody to greet.
    let Some(access) = request.extensions().get::<Authenticated<Access>>() else { return Ok(Response::new(Body::empty())) };
    let greeting = format!("hello, {}", access.user);
    let length = u8::try_from(greeting.len()).unwrap_or(0);
    let mut frame = vec![0, 0, 0, 0, length.saturating_add(2), 0x0a, length];
    frame.extend_from_slice(greeting.as_bytes());
    let mut response = Response::new(Body::from(Bytes::from(frame)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response.headers_mut().insert("grpc-status", HeaderValue::from_static("0"));
    Ok(response)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ring = KeyRing::<V4Public>::generate()?;
    let issuer = Issuer::<Access, _>::new(&ring)?;
    let token = |role: &str| issuer.issue(&Access { user: "ada".to_owned(), roles: vec![role.to_owned()] });
    let layer = RequireAuth::new(Verifier::<Access>::new(&ring)?).guard::<Staff>().respond::<Grpc>();
    let service = layer.layer(service_fn(hello));

    let staff = format!("Bearer {}", token("staff")?.token);
    for (who, authorization) in [
        ("one of the staff", Some(staff.clone())),
        ("nobody", None),
        ("a changed token", Some(format!("{staff}x"))),
        ("a guest", Some(format!("Bearer {}", token("guest")?.token))),
    ] {
        let mut request = Request::post("/greeter.Greeter/Hello").header(CONTENT_TYPE, "application/grpc");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let (parts, body) = service.clone().oneshot(request.body(Body::empty())?).await?.into_parts();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        let frame = to_bytes(body, 4096).await?;
        let message = frame.get(7..).map(String::from_utf8_lossy).unwrap_or_default();
        println!("{who:<17} grpc-status {:<2} {}{message}", header("grpc-status"), header("grpc-message"));
    }
    Ok(())
}
