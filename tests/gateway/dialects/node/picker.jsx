// A page with nothing but the picker: ?provider=tenor|giphy&base=ADDRESS&key=KEY.
import { createRoot } from 'react-dom/client';
import { GifPicker } from 'gif-picker-react';
import { Giphy } from 'gif-picker-react/providers/giphy';
import { Tenor } from 'gif-picker-react/providers/tenor';

const wish = new URLSearchParams(location.search);
const base = wish.get('base');
const provider =
  wish.get('provider') === 'tenor'
    ? Tenor(wish.get('key'), { baseUrl: `${base}/v2/` })
    : Giphy(wish.get('key'), { baseUrl: `${base}/v1/` });
window.chosen = [];
createRoot(document.getElementById('root')).render(
  <GifPicker provider={provider} onGifClick={(gif) => window.chosen.push(gif)} width={420} />,
);
