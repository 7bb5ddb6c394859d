"""Following: notifying readers of the new hits of their followed searches, by mail, webhook and feed.

    from search_ui.web.following.delivery import deliver
    from search_ui.web.following.settings import following_settings

    report = deliver(app, archive, lambda: open_searcher(archive), following_settings(archive), time())

`settings` reads `[mail]` and `[follow]`, `letters` writes mails, `mail` sends them, `webhook` sends webhooks,
`delivery` decides what is sent when, and `worker` does so in the background of a server. docs/following.md describes
all of it.
"""
