using System.Text.RegularExpressions;

namespace Agb.Engine;

/// <summary>The sizes of a window allowed by its program (ICCCM, section 4.1.2.3).</summary>
internal static partial class DesktopSizes
{
    /// <summary>Checks the answer of a resize: empty for the size asked for, else the final size and the program's hints.</summary>
    /// <exception cref="AgbException">DesktopFailed: another size than the hints allow.</exception>
    internal static void Require(string answer, AgbPixelSize asked)
    {
        if (answer.Length == 0)
        {
            return;
        }
        var final = Pair(FinalSize().Match(answer)) ?? (0, 0);
        var expected = (Along(answer, asked.Width, p => p.Width), Along(answer, asked.Height, p => p.Height));
        if (final != expected && !answer.Contains("aspect", StringComparison.Ordinal))
        {
            throw new AgbException(
                AgbErrorIds.DesktopFailed, AgbErrorKind.Failed,
                $"The window has the size {final.Width}x{final.Height} after a resize to {asked.Width}x{asked.Height}; its program's hints allow {expected.Item1}x{expected.Item2}.");
        }
    }

    private static int Along(string answer, int asked, Func<(int Width, int Height), int> side)
    {
        int? Hint(string name) => Pair(Regex.Match(answer, name + @" size: (\d+) by (\d+)")) is { } pair ? side(pair) : null;
        var least = Hint("minimum");
        var size = Math.Min(Math.Max(asked, least ?? 1), Hint("maximum") ?? int.MaxValue);
        var step = Math.Max(1, Pair(Increment().Match(answer)) is { } increment ? side(increment) : 1);
        var start = Hint("base") ?? least ?? 0;
        return Math.Max(size - ((size - start) % step), least ?? 1);
    }

    private static (int Width, int Height)? Pair(Match match) => match.Success
        ? (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
        : null;

    [GeneratedRegex(@"^(\d+) (\d+)")]
    private static partial Regex FinalSize();

    [GeneratedRegex(@"resize increment: (\d+) by (\d+)")]
    private static partial Regex Increment();
}
