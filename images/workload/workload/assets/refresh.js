// Replaces the tables every few seconds, so that what is being typed into the form stays.
setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("/state");
    if (answer.ok) document.getElementById("state").innerHTML = await answer.text();
  } catch {
    // The front end itself is away: keep what is shown, and ask again.
  }
}, 3000);
