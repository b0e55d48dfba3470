// A wall is dark unless somebody has chosen otherwise on this screen. Imported before everything that reads the choice.

if (localStorage.getItem('swabline.theme') === null) localStorage.setItem('swabline.theme', 'dark');
