/** Above the methods, below the overview. */
export const insideHeading = 'Other ways to look inside';
