"""What the words of a match set say: each of them with its context (`concordance`, `neighbours`), and which are typical
of the set against the archive (`typical`, from the `terms` of a sample, by their `keyness`)."""
