#!/bin/sh
# Copyright of the town library. Runs every night at two.
set -e

# Copy the catalogue to the other disk, with the owners of the files
rsync -a --delete /srv/catalogue/ /mnt/copy/catalogue/

# rm -rf /mnt/copy/old
find /srv/catalogue -name '*.lock' -mmin +60 -delete  # locks that nobody has held for an hour

# Send the letters for books that are overdue
due() {
    loans --overdue --days "$1" | while read -r card; do
        letter --card "$card" --kind overdue
    done
}
