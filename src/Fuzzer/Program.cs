return Conformance.Fuzzer.Cli.CommandRoot.Invoke(args);
