"""A small invented press on loopback addresses, the whole pipeline at work on it, and the balance at the end.

| module         | what it is                                                                    |
|----------------|-------------------------------------------------------------------------------|
| `newsroom`     | the folder of files that a press is made from; `newsroom/README.md` has it in words |
| `timeline`     | what each page and feed shows at an instant: pure                             |
| `layouts`, `documents` | pages as HTML, feeds and comment feeds as XML and JSON: pure          |
| `press`        | the sites, on addresses of their own, and what they served                    |
| `receiver`     | takes webhooks and checks their signatures                                    |
| `watch`        | follows the topics and keeps what came                                        |
| `balance`      | the ledger against the result: pure                                           |
| `screen`, `report` | what is seen of it                                                        |
| `show`         | runs all of it                                                                |
"""
