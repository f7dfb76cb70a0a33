"""What the console scripts call. Whatever is loaded stays, so the collector rests meanwhile."""

import gc


def verify_apis() -> None:
    """Run `verify-apis`: its reports are large and free of circles, and a collection walks all of them."""
    gc.disable()
    from verifier.cli.verify_apis import main  # noqa: PLC0415

    try:
        main()
    finally:
        gc.freeze()  # the last collection of a process that ends would walk all that it has loaded


def enrich() -> None:
    """Run `enrich`: what reads prose and sources leaves circles behind, which are collected."""
    gc.disable()
    from verifier.cli.enrich import main  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    main()
