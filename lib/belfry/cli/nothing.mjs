// Stands for packages that throw outside of Next, such as server-only.
export {};
