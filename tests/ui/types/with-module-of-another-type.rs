use session_runtime::Claims;

mod text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(text: &String, serializer: S) -> Result<S::Ok, S::Error> {
        text.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(with = "text")]
    number: u64,
}

fn main() {}
