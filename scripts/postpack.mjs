// `npm pack` runs it last: puts the project's own manifest back.

import { putBack } from './pack-in-place.mjs';

putBack();
