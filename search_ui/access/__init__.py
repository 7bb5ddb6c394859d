"""Who may read a private archive, and what its readers save.

    from search_ui.access.accounts import hash_password, set_user
    from search_ui.access.sessions import Sessions

    set_user(archive, "huda", hash_password("a long password"))
    session = Sessions(archive).begin("huda")

`accounts` has users, tokens and the file that stores them, `sessions` who is signed in, `saved_searches` the searches
whose new hits `arshif alert` prints. This is the one part of the front ends that runs SQL: accounts are not part of the
archive, and copies of it must not contain them.
"""
