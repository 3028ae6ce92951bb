namespace Agb.Engine;

/// <summary>Reads the answers of scripts. Programs of the session can stand in for the tools of X, and answer anything.</summary>
internal static class DesktopAnswer
{
    private const int MostUnreadable = 200;

    /// <summary>The screen and the mouse.</summary>
    /// <exception cref="AgbException">DesktopFailed.</exception>
    internal static AgbScreen Screen(string answer) =>
        answer.Split([' ', '\n', '=']) is [var width, var height, "X", var x, "Y", var y, ..]
            ? new AgbScreen { Width = Number(width, answer), Height = Number(height, answer), CursorX = Number(x, answer), CursorY = Number(y, answer) }
            : throw Unreadable(answer);

    /// <summary>A picture, after a line with its size.</summary>
    /// <exception cref="AgbException">DesktopFailed.</exception>
    internal static AgbScreenshot Picture(byte[] answer, AgbPictureFormat format)
    {
        var end = Array.IndexOf(answer, (byte)'\n');
        var size = Encoding.ASCII.GetString(answer, 0, Math.Max(0, end));
        return size.Split(' ') is [var width, var height]
            ? new AgbScreenshot { Bytes = answer[(end + 1)..], Format = format, Width = Number(width, size), Height = Number(height, size) }
            : throw Unreadable(size);
    }

    /// <summary>The arguments of the script <c>appwindow</c>, from the answer of <c>launch</c>: the process id and the log of the app, and
    /// then the windows before it.</summary>
    /// <exception cref="AgbException">DesktopFailed.</exception>
    internal static string[] Launched(string answer) =>
        answer.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [.. var before, var leader, var log] ? [leader, log, .. before] : throw Unreadable(answer);

    private static int Number(string text, string answer) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(answer);

    private static AgbException Unreadable(string answer) => new(
        AgbErrorIds.DesktopFailed, AgbErrorKind.Failed, $"The desktop's answer can't be read: {answer[..Math.Min(answer.Length, MostUnreadable)].Trim()}");
}
