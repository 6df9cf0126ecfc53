// The words of failures that the server could not put into words itself, because it was not reached or did not answer
// in its own shape.

export const messages = {
  unreachable: 'The server could not be reached.',
  unreachableHint: 'Check that it is running and that this machine can reach it.',
  badAnswer: 'The answer was not JSON.',
  badAnswerHint: 'Something between this page and the server may have answered in its place.',
  cutAnswer: 'The answer broke off.',
  searchBroke: 'The search broke off before it was done.',
  httpStatus: (status: number) => `The server answered with status ${status}.`,
} as const
