export function studies() {}
export function showStudy() {}
