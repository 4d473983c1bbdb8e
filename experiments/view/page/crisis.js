export function crisis() {}
export function showCrisis() {}
