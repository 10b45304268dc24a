// What pages do better with a script; each works without it.
(() => {
  'use strict';

  // Dates in the reader's zone; the page has them in UTC.
  const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const showMoments = (root) => {
    for (const time of root.querySelectorAll('time[datetime]')) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      time.title = time.textContent;
      time.textContent = moments.format(moment);
    }
  };

  // Buttons that copy; they are hidden until somebody is there to copy.
  const prepareCopying = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll('button[data-copy]')) {
      const label = button.textContent;
      button.hidden = false;
      button.addEventListener('click', async () => {
        const source = document.getElementById(button.dataset.copy);
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = 'Copied';
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    }
  };

  // A line that asks how far a change has come, until it is everywhere.
  const follow = async (line) => {
    for (let asked = 0; asked < 60; asked += 1) {
      const answer = await fetch(line.dataset.live, { headers: { accept: 'application/json' } });
      if (!answer.ok) return;
      const { text, done } = await answer.json();
      line.textContent = text;
      line.classList.toggle('done', done);
      if (done) return;
      await new Promise((resolve) => { setTimeout(resolve, asked < 10 ? 300 : 2000); });
    }
  };

  showMoments(document);
  prepareCopying();
  for (const line of document.querySelectorAll('[data-live]')) follow(line).catch(() => {});
})();
