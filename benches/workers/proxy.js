// A reverse proxy as a Worker has it: the request goes to the upstream as it is, and the response comes back as it is.

export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(env.UPSTREAM + pathname + search, request));
  },
};
