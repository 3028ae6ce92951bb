using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>A desktop, and pictures of it, beside the same programs by hand.</summary>
internal sealed class DesktopWork : Benchmark
{
    private const string ImageId = "agb-computer-use-1";

    // Until the window manager answers.
    private const string ByHand =
        """
        (setsid Xvfb :98 -screen 0 1920x1080x24 -nolisten tcp -noreset >/dev/null 2>&1 &)
        until [ -S /tmp/.X11-unix/X98 ]; do sleep 0.01; done
        (DISPLAY=:98 setsid openbox >/dev/null 2>&1 &)
        until DISPLAY=:98 xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 0x; do sleep 0.01; done
        """;

    /// <inheritdoc/>
    internal override string Name => "desktop";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var runs = stand.Quick ? 1 : 15;
        var missing = await BrowserWork.WhyMissingAsync(stand, ImageId).ConfigureAwait(false);
        if (missing is not null)
        {
            yield return new Row { Name = Name + "/ready", Work = "a session with a desktop", Peer = "the same programs by hand", Missing = missing };
            yield break;
        }
        AgbSession? session = null;
        var ready = new Comparison(
            Name + "/ready", "a session with a desktop, until its window manager answers",
            Create("agb", "New-AgbSession", ImageId, ""),
            Create("by-hand", "a session, and Xvfb and openbox in it by a script", "agb-browser-use-1", ByHand) with { Target = 1.2 });
        foreach (var row in await ready.RunAsync(runs, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        session = await stand.Service.CreateSessionAsync(new AgbSessionRequest { ImageId = ImageId }).ConfigureAwait(false);
        var desktops = (IDesktopService)stand.Service;
        await desktops.StartAppAsync(session, "xterm").ConfigureAwait(false);
        var picture = new Comparison(
            Name + "/screenshot", "a picture of the screen of 1920x1080, PNG",
            new Side("agb", "Save-AgbScreenshot", () => desktops.TakeScreenshotAsync(session)),
            new Side("import", "import -window root, as a command of the session", () => stand.CommandAsync(session, "import -window root png:-")) { Target = 1 });
        foreach (var row in await picture.RunAsync(runs, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);

        Side Create(string name, string description, string image, string script) => new(name, description, async () =>
        {
            session = await stand.Service.CreateSessionAsync(new AgbSessionRequest { ImageId = image }).ConfigureAwait(false);
            if (script.Length > 0)
            {
                await stand.CommandAsync(session, script).ConfigureAwait(false);
            }
        })
        {
            After = () => stand.RemoveAsync(session!, discard: true),
        };
    }
}
