// The sign of the product: a pawl in a ratchet's teeth.

export const PAGE_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0f7b6c" d="M16 6.5 19 4l.6 3.9 3.7-1.3-.7 3.9 3.9.1-2.1 3.3 3.6 1.6-3.1 2.4 2.7 2.9-3.7 1.2 1.4 3.7-3.9-.1-.2 3.9-3.5-1.6-1.6 3.6-2.6-3-2.8 2.7-1.3-3.7-3.7 1.3.4-3.9-3.9-.5 1.9-3.4L2 18.6l3.3-2.2-2.5-3 3.9-1-1-3.8 3.9.5.5-3.9L13.500 7z"/><circle cx="16" cy="16" r="5" fill="#fff"/></svg>`
