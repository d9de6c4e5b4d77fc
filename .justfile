# Habits. `just --list` shows them.

# play every partner in this process
run:
    cargo run -- run --sandbox

# what the gate runs
ci:
    .ci/run

# everything that is wrong with the shipped packs
check:
    cargo run --quiet -- check

# accept changed snapshots after reading them
review:
    cargo insta review --include-ignored

# the engine beside its peers; see bench/README.md
bench *arguments:
    cargo run --release --manifest-path bench/peers/Cargo.toml --target-dir target/peers -- {{arguments}}
