// Nothing. Without a file of its own, the build would take the one of the app around it, and start all of it here.
export function register() {}
