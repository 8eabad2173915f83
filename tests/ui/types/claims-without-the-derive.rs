use session_runtime::claims::ClaimsType;

struct Access;

fn read<C: ClaimsType>() {}

fn main() {
    read::<Access>();
}
