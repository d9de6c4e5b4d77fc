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
