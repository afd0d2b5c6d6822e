/**
 * The `syncline.yaml` that `init` writes: a working rule from Dropbox to Google Drive, and every field
 * with a word on it. Right as it stands once the environment variables that it names are set.
 */
export function configTemplate(): string {
  return `# yaml-language-server: $schema=./syncline.schema.json
#
# Syncline: "when X in this location, do Y to that location".
# $NAME takes an environment variable, $file:/run/secrets/x what a file holds.
# "syncline check" tells whether all is right here and every account can be reached.

accounts:
  # Each account has a name of your choice; rules speak of it by that name.
  dropbox:
    provider: dropbox                    # dropbox | google-drive | onedrive | local
    clientId: $DROPBOX_APP_KEY
    clientSecret: $DROPBOX_APP_SECRET    # not needed for apps that use PKCE alone
    refreshToken: $DROPBOX_REFRESH_TOKEN # "syncline connect dropbox NAME" gets one
  drive:
    provider: google-drive
    clientId: $GOOGLE_CLIENT_ID
    clientSecret: $GOOGLE_CLIENT_SECRET
    refreshToken: $GOOGLE_REFRESH_TOKEN
    # drive: Marketing                   # name or id of a shared drive; default: My Drive
    # serviceAccount: $file:/run/secrets/google.json # instead of the three above: a service account's key; needs "drive"
    # impersonate: ada@example.com       # with it, by domain-wide delegation: as that person, then "drive" may be left out
    # origin: https://storage.example    # another host than the public ones, for all or for each of api, authorize, token
  # team:
  #   provider: onedrive                 # personal, business, or a document library of SharePoint
  #   clientId: $ONEDRIVE_CLIENT_ID
  #   refreshToken: $ONEDRIVE_REFRESH_TOKEN
  #   tenant: common                     # or the id or domain of your organisation
  #   site: contoso.sharepoint.com/sites/team  # only for a library; or "drive" with its id. Default: your own drive
  #   library: Documents                 # of that site; default: its main one
  # nas:
  #   provider: local
  #   root: /srv/archive                 # a folder on this machine; relative paths count from this file

rules:
  - name: documents                      # letters, digits, - and _; unique
    from: dropbox:/Documents             # account:/path; account:/ is all of it
    to: drive:/Documents                 # or a list of folders: each destination keeps its own progress and retries
    # copy     adds and updates at the destination, never removes there
    # move     copies, verifies the copy, then trashes the file at the source
    # mirror   makes the destination what the source is: what is only there goes to its trash.
    #          A first run that would remove anything waits for a person
    # two-way  brings every change, renames and removals too, to the other side
    mode: copy
    on: change                           # change | every 15m | a cron line such as "0 3 * * *" | manual; or a list: [change, "0 3 * * *"]
    # timezone: Europe/Berlin            # of this rule's cron lines and timetables; default: "timezone" of the file, else that of the machine
    exclude:                             # globs relative to "from"; stronger than include
      - "**/~$*"
      - "**/.DS_Store"
    # include: ["**/*.pdf"]              # default: everything. "*.pdf" is the top level only, "**/*.pdf" every level
    # quiet: 2s                          # under change, leave a file alone until it has been still for so long
    # where:                             # all that are given must hold
    #   smallerThan: 2GiB
    #   largerThan: 1KiB
    #   newerThan: 30d
    #   olderThan: 1h
    # as: "{yyyy}/{mm}/{name}"           # destination path; also {stem} {ext} {path} {dd} {hh} {min}. Default: the same path. Not for mirror and two-way
    # Both sides changed since they last agreed. No choice destroys what loses: it stays beside it under another name,
    # in the trash or among the earlier versions. Under mirror the source always wins.
    # conflict: keep-both                # newest | keep-both | review (a person decides) | from | to
    # deletes: trash                     # what mirror and two-way do with a file that vanished on the other side: trash | keep
    # Hold a run for a person when it would remove or overwrite a larger part of the files that are in step:
    # guard: { deletes: 25%, changes: none }   # the default; fewer than 10 files are never held, none sets no limit
    # googleDocs: export                 # Google documents: export (docx, xlsx, pptx) | pdf | skip
    # bandwidth: 10MiB/s                 # or a timetable: [{ at: "08:00", limit: 2MiB/s }, { at: "19:00", limit: none }]
    # after:                             # called after each step that changed something, with what was done as JSON; at least once
    #   - run: [/usr/local/bin/index, --quiet] # a program and its arguments; no shell reads them
    #   - { post: "https://example.com/x" }    # or a webhook, signed if it has a "secret"
    # paused: false                      # true: the rule waits
    # encrypt: age1...                   # age recipients: content is encrypted before it leaves this machine; or passphrase
    # encryptNames: true                 # names, too; needs identity
    # identity: $file:/run/secrets/age   # the key that opens it: for two-way, for encryptNames, to compare what is there
    # passphrase: $ARCHIVE_PASSPHRASE    # with "encrypt: passphrase"

# Who is told, once when it begins and once when it is over; see "Being told" in the README for every kind of address.
# notify:
#   - when: [held, failing, stale, sign-in-needed]
#     to: $NOTIFY_URL                    # smtp://user:password@host?from=a@x.org&to=b@x.org | https://... | slack+https://... | ntfy://host/topic
#     staleAfter: 1d                     # how long a rule may be out of step before it counts as stale
#     secret: $NOTIFY_SECRET             # of a webhook: its calls are signed with it
`;
}
