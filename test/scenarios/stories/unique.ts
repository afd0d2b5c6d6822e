/** Services that hold a name once in a folder. */
export const uniqueNames = ["plain", "local", "dropbox", "onedrive"] as const;

/** Where one side may hold a name twice, two items keep it there, and the other side gives one an alias. */
export const bothUnique = { from: uniqueNames, to: uniqueNames } as const;
