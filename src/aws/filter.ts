/** How many values a filter takes (EC2 API reference, "Filtering"). */
export const filterLimit = 200;
