import './state/settings.ts';
import './state/store.ts';
import './elements/pl-app.ts';
import { start } from './state/engine.ts';

void start();
