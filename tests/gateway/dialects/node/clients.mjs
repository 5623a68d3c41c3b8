// Runs GIF clients of others, as they are published, against a gateway and prints what they made of
// its answers. Arguments: the gateway's address, an API key.
const [base, key] = process.argv.slice(2);
globalThis.GIPHY_API_URL = `${base}/v1/`;
const { GiphyFetch, gifPaginator } = await import('@giphy/js-fetch-api');
const { Tenor, ContentFilter } = await import('gif-picker-react/providers/tenor');
const { Giphy, ContentRating } = await import('gif-picker-react/providers/giphy');

const told = {};
async function tell(name, work) {
  try {
    told[name] = { value: await work() };
  } catch (error) {
    told[name] = { error: String(error.message) };
  }
}
const ids = (answer) => answer.data.map((gif) => gif.id);

const giphy = new GiphyFetch(key);
await tell('search', async () => ids(await giphy.search('cats', { limit: 5, lang: 'id' })));
await tell('trending', async () => ids(await giphy.trending({ limit: 3, rating: 'g' })));
await tell('stickers', async () => ids(await giphy.search('cats', { type: 'stickers' })));
await tell('one', async () => {
  const { data } = await giphy.gif(told.search.value[1]);
  const { width, height } = data.images.fixed_width;
  return { id: data.id, width, height, url: data.images.original.url, sticker: data.is_sticker };
});
await tell('several', async () => ids(await giphy.gifs(told.search.value.slice(0, 2))));
await tell('related', async () => ids(await giphy.related(told.search.value[0], { limit: 2 })));
await tell('random', async () => (await giphy.random({ tag: 'cats' })).data.images.original.url);
await tell('categories', async () => (await giphy.categories()).data.map((each) => each.name));
await tell('subcategories', async () =>
  (await giphy.subcategories('cats')).data.map((each) => each.name_encoded));
await tell('category', async () => ids(await giphy.gifs('cats', 'cats')));
await tell('channels', async () => (await giphy.channels('cats')).data);
await tell('emoji', async () => ids(await giphy.emojiDefaultVariations({ limit: 5 })));
await tell('variations', async () => ids(await giphy.emojiVariations('x')));
await tell('text', async () => ids(await giphy.search('cats', { type: 'text' })));
await tell('animate', async () => ids(await giphy.animate('cats')));
await tell('unset', async () => ids(await giphy.trending({ limit: undefined, offset: 2 })));
await tell('blocked', async () => ids(await giphy.search('terlarang')));
await tell('gone', async () => (await giphy.gif('none')).data);
await tell('stranger', async () => ids(await new GiphyFetch('no-key').trending({ limit: 4 })));
await tell('paged', async () => {
  const more = gifPaginator((offset) => giphy.search('waves', { offset, limit: 4 }));
  const sizes = [];
  for (let page = 0; page < 10; page += 1) sizes.push((await more()).length);
  return sizes;
});

const providers = {
  tenor: Tenor(key, { baseUrl: `${base}/v2/`, contentFilter: ContentFilter.HIGH, locale: 'id_ID' }),
  giphy: Giphy(key, { baseUrl: `${base}/v1/`, rating: ContentRating.PG_13, lang: 'id' }),
};
for (const [name, provider] of Object.entries(providers)) {
  const drop = ({ raw, ...rest }) => rest;
  await tell(`${name} search`, async () => (await provider.search('cats')).map(drop));
  await tell(`${name} trending`, async () => (await provider.getTrending()).map(drop));
  await tell(`${name} categories`, () => provider.getCategories());
  await tell(`${name} blocked`, () => provider.search('terlarang'));
}
await tell('tenor click', async () => {
  const [gif] = await providers.tenor.search('cats');
  await providers.tenor.onClick(gif, { searchTerm: 'cats' });
  return gif.id;
});
console.log(JSON.stringify(told));
