//! A service of tonic's behind the layer: refusals are statuses of gRPC, and a method finds the claims in its request's extensions.
//!
//! It is the health check that tonic brings, so that nothing has to be generated; client and service are in one process. Over a socket the
//! same layer goes to `tonic::transport::Server::builder().layer(…)`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]

use std::error::Error;

use session_runtime::{
    Claims, Issuer, KeyRing, Verified, Verifier,
    http::{Authenticated, Grpc, Guard, RequireAuth},
    paseto::V4Public,
};
use tonic::{Request, Response, Status, codegen::tokio_stream::Empty};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};
use tower::Layer;

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "health", ttl = "15m", token_type = "at+jwt")]
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

struct Service;

#[tonic::async_trait]
impl Health for Service {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        // Behind `RequireAuth` they are always there; a service that forgets the layer has nobody to answer.
        let access = request.extensions().get::<Authenticated<Access>>().ok_or_else(|| Status::internal("no layer"))?;
        let status = if access.user == "ada" { ServingStatus::Serving } else { ServingStatus::ServiceUnknown };
        Ok(Response::new(HealthCheckResponse { status: status.into() }))
    }

    type WatchStream = Empty<Result<HealthCheckResponse, Status>>;

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("this one is not watched"))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ring = KeyRing::<V4Public>::generate()?;
    let issuer = Issuer::<Access, _>::new(&ring)?;
    let token = |role: &str| issuer.issue(&Access { user: "ada".to_owned(), roles: vec![role.to_owned()] });
    let layer = RequireAuth::new(Verifier::<Access>::new(&ring)?).guard::<Staff>().respond::<Grpc>();
    let mut client = HealthClient::new(layer.layer(HealthServer::new(Service)));

    let staff = format!("Bearer {}", token("staff")?.token);
    for (who, authorization) in [
        ("one of the staff", Some(staff.clone())),
        ("nobody", None),
        ("a changed token", Some(format!("{staff}x"))),
        ("a guest", Some(format!("Bearer {}", token("guest")?.token))),
    ] {
        let mut request = Request::new(HealthCheckRequest { service: String::new() });
        if let Some(value) = authorization {
            request.metadata_mut().insert("authorization", value.parse()?);
        }
        match client.check(request).await {
            Ok(response) => println!("{who:<17} {}", response.get_ref().status().as_str_name()),
            Err(status) => println!("{who:<17} {:?} ({}) {}", status.code(), i32::from(status.code()), status.message()),
        }
    }
    Ok(())
}
