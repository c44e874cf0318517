"""The command line: one module a subcommand, thin, importing what is heavy only when it is needed."""
