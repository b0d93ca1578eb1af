
'use strict';
{
  const globals = this;
  const django = globals.django || (globals.django = {});

  
  django.pluralidx = function(n) {
    const v = (n != 1);
    if (typeof v === 'boolean') {
      return v ? 1 : 0;
    } else {
      return v;
    }
  };
  

  /* gettext library */

  django.catalog = django.catalog || {};
  
  const newcatalog = {
    "%(days)s days": "%(days)s Tage",
    "%(days)s days %(hours)s h": "%(days)s Tage %(hours)s h",
    "%(duration)s ago": "vor %(duration)s",
    "%(hours)s h": "%(hours)s h",
    "%(hours)s h %(minutes)s min": "%(hours)s h %(minutes)s min",
    "%(minutes)s min": "%(minutes)s min",
    "%(minutes)s minutes left.": "Noch %(minutes)s Minuten.",
    "%(n)s h": "%(n)s h",
    "%(n)s left this list.": [
      "%(n)s hat diese Liste verlassen.",
      "%(n)s haben diese Liste verlassen."
    ],
    "%(n)s min": "%(n)s min",
    "%(n)s more left this list.": [
      "%(n)s weitere:r hat diese Liste verlassen.",
      "%(n)s weitere haben diese Liste verlassen."
    ],
    "%(n)s result": [
      "%(n)s Ergebnis",
      "%(n)s Ergebnisse"
    ],
    "%(n)s selected": [
      "%(n)s ausgew\u00e4hlt",
      "%(n)s ausgew\u00e4hlt"
    ],
    "%(path)s is larger than 10 MB.": "%(path)s ist gr\u00f6\u00dfer als 10 MB.",
    "%(seconds)s s": "%(seconds)s s",
    "%(time)s left": "Noch %(time)s",
    "%(utc)s (your zone: %(zone)s)": "%(utc)s (Ihre Zeitzone: %(zone)s)",
    "Check the file names in the zip.": "Pr\u00fcfen Sie die Dateinamen im Zip.",
    "Cookies are off. The workspace needs them to sign you in.": "Cookies sind ausgeschaltet. Die Arbeitsumgebung braucht sie f\u00fcr Ihre Anmeldung.",
    "Cookies are on.": "Cookies sind eingeschaltet.",
    "Copied": "Kopiert",
    "Copy and paste may not work in the workspace, because this page isn't encrypted. Ctrl+C and Ctrl+V often do.": "Kopieren und Einf\u00fcgen klappt in der Arbeitsumgebung vielleicht nicht, weil diese Seite nicht verschl\u00fcsselt ist. Strg+C und Strg+V gehen oft trotzdem.",
    "Couldn't copy. Select the text and copy it yourself.": "Kopieren nicht m\u00f6glich. Markieren Sie den Text und kopieren Sie ihn selbst.",
    "Draft saved %(time)s": "Entwurf gespeichert %(time)s",
    "Draft saved %(time)s, but for this: %(errors)s": "Entwurf gespeichert %(time)s, au\u00dfer: %(errors)s",
    "Finished": "Beendet",
    "Hide": "Verbergen",
    "It couldn't be sent. Your text is still here; please try again.": "Die Nachricht konnte nicht gesendet werden. Ihr Text ist noch da; bitte versuchen Sie es noch einmal.",
    "Left out: %(names)s and %(n)s more.": "Ausgelassen: %(names)s und %(n)s weitere.",
    "Left out: %(names)s.": "Ausgelassen: %(names)s.",
    "Less than %(minutes)s minutes left.": "Weniger als %(minutes)s Minuten verbleiben.",
    "Live": "Live",
    "Live updates aren't connected. If this stays, a proxy or VPN may be in the way.": "Die Live-Aktualisierung ist nicht verbunden. Bleibt das so, st\u00f6rt vielleicht ein Proxy oder VPN.",
    "Not copied": "Nicht kopiert",
    "Not saved.": "Nicht gespeichert.",
    "Not saved. Trying again\u2026": "Nicht gespeichert. Neuer Versuch \u2026",
    "Notices are off in this browser.": "Benachrichtigungen sind in diesem Browser ausgeschaltet.",
    "Notices are on in this browser.": "Benachrichtigungen sind in diesem Browser eingeschaltet.",
    "Now number %(place)s.": "Jetzt Nummer %(place)s.",
    "Page updated.": "Seite aktualisiert.",
    "Paused": "Angehalten",
    "Reconnecting\u2026": "Verbindung wird wiederhergestellt \u2026",
    "Saving\u2026": "Speichern \u2026",
    "Search all interviews for \u201c%(words)s\u201d": "Alle Interviews nach \u201e%(words)s\u201c durchsuchen",
    "Search isn't available right now. Try again in a moment.": "Die Suche ist gerade nicht verf\u00fcgbar. Versuchen Sie es gleich noch einmal.",
    "Starts in %(time)s": "Beginnt in %(time)s",
    "The candidate reported a problem": "Die Kandidat:in hat ein Problem gemeldet",
    "The file couldn't be loaded. Try again in a moment.": "Die Datei konnte nicht geladen werden. Versuchen Sie es gleich noch einmal.",
    "The files are larger than 100 MB in total.": "Die Dateien sind zusammen gr\u00f6\u00dfer als 100 MB.",
    "The invitation has expired": "Die Einladung ist abgelaufen",
    "The workspace couldn't be started": "Die Arbeitsumgebung konnte nicht gestartet werden",
    "This browser allows copy and paste here.": "Kopieren und Einf\u00fcgen ist hier m\u00f6glich.",
    "This page gets live updates.": "Diese Seite wird live aktualisiert.",
    "Time is up": "Die Zeit ist abgelaufen",
    "Time is up.": "Die Zeit ist abgelaufen.",
    "Time is up. Saving your files.": "Die Zeit ist abgelaufen. Ihre Dateien werden gespeichert.",
    "Too many open pages. Close some: this one updates about once a minute.": "Zu viele offene Seiten. Schlie\u00dfen Sie einige: Diese wird nur etwa einmal pro Minute aktualisiert.",
    "We couldn't get the password. Please try again in a moment.": "Das Passwort konnte nicht abgerufen werden. Bitte versuchen Sie es gleich noch einmal.",
    "We couldn't load the log. Please try again in a moment.": "Das Protokoll konnte nicht geladen werden. Bitte versuchen Sie es gleich noch einmal.",
    "We couldn't reach the server. Nothing is lost. Try again in a moment.": "Der Server ist nicht erreichbar. Nichts geht verloren. Versuchen Sie es gleich noch einmal.",
    "We found no mouse or trackpad. Use a computer with a keyboard.": "Wir haben keine Maus und kein Trackpad gefunden. Verwenden Sie einen Computer mit Tastatur.",
    "You can start anyway, but some things may not work well.": "Sie k\u00f6nnen trotzdem starten, aber manches klappt vielleicht nicht gut.",
    "You chose %(n)s files. A challenge can have up to 2,000.": "Sie haben %(n)s Dateien gew\u00e4hlt. Eine Aufgabe kann bis zu 2.000 haben.",
    "You have a mouse or trackpad.": "Sie haben eine Maus oder ein Trackpad.",
    "Your browser is too old for the workspace. Please update it or use another one.": "Ihr Browser ist zu alt f\u00fcr die Arbeitsumgebung. Bitte aktualisieren Sie ihn oder verwenden Sie einen anderen.",
    "Your browser is up to date.": "Ihr Browser ist aktuell.",
    "Your computer is ready.": "Ihr Computer ist bereit.",
    "Your connection is fast enough.": "Ihre Verbindung ist schnell genug.",
    "Your connection is slow. The editor may lag.": "Ihre Verbindung ist langsam. Der Editor reagiert vielleicht verz\u00f6gert.",
    "Your files are saved automatically when time runs out.": "Ihre Dateien werden automatisch gespeichert, wenn die Zeit abl\u00e4uft.",
    "Your interview starts now.": "Ihr Interview beginnt jetzt.",
    "Your window is large enough.": "Ihr Fenster ist gro\u00df genug.",
    "Your window is small for a code editor. Make it larger, or use a computer.": "Ihr Fenster ist klein f\u00fcr einen Code-Editor. Vergr\u00f6\u00dfern Sie es, oder verwenden Sie einen Computer.",
    "in %(duration)s": "in %(duration)s",
    "password\u0004Show": "Anzeigen",
    "relative\u0004%(days)s days": "%(days)s Tagen",
    "relative\u0004%(days)s days %(hours)s h": "%(days)s Tagen %(hours)s h"
  };
  for (const key in newcatalog) {
    django.catalog[key] = newcatalog[key];
  }
  

  if (!django.jsi18n_initialized) {
    django.gettext = function(msgid) {
      const value = django.catalog[msgid];
      if (typeof value === 'undefined') {
        return msgid;
      } else {
        return (typeof value === 'string') ? value : value[0];
      }
    };

    django.ngettext = function(singular, plural, count) {
      const value = django.catalog[singular];
      if (typeof value === 'undefined') {
        return (count == 1) ? singular : plural;
      } else {
        return value.constructor === Array ? value[django.pluralidx(count)] : value;
      }
    };

    django.gettext_noop = function(msgid) { return msgid; };

    django.pgettext = function(context, msgid) {
      let value = django.gettext(context + '\x04' + msgid);
      if (value.includes('\x04')) {
        value = msgid;
      }
      return value;
    };

    django.npgettext = function(context, singular, plural, count) {
      let value = django.ngettext(context + '\x04' + singular, context + '\x04' + plural, count);
      if (value.includes('\x04')) {
        value = django.ngettext(singular, plural, count);
      }
      return value;
    };

    django.interpolate = function(fmt, obj, named) {
      if (named) {
        return fmt.replace(/%\(\w+\)s/g, function(match){return String(obj[match.slice(2,-2)])});
      } else {
        return fmt.replace(/%s/g, function(match){return String(obj.shift())});
      }
    };


    /* formatting library */

    django.formats = {
    "DATETIME_FORMAT": "j. M Y, H:i",
    "DATETIME_INPUT_FORMATS": [
      "%d.%m.%Y %H:%M:%S",
      "%d.%m.%Y %H:%M:%S.%f",
      "%d.%m.%Y %H:%M",
      "%Y-%m-%d %H:%M:%S",
      "%Y-%m-%d %H:%M:%S.%f",
      "%Y-%m-%d %H:%M",
      "%Y-%m-%d"
    ],
    "DATE_FORMAT": "j. M Y",
    "DATE_INPUT_FORMATS": [
      "%d.%m.%Y",
      "%d.%m.%y",
      "%Y-%m-%d"
    ],
    "DECIMAL_SEPARATOR": ",",
    "FIRST_DAY_OF_WEEK": 1,
    "MONTH_DAY_FORMAT": "j. F",
    "NUMBER_GROUPING": 3,
    "SHORT_DATETIME_FORMAT": "d.m.Y H:i",
    "SHORT_DATE_FORMAT": "d.m.Y",
    "THOUSAND_SEPARATOR": ".",
    "TIME_FORMAT": "H:i",
    "TIME_INPUT_FORMATS": [
      "%H:%M:%S",
      "%H:%M:%S.%f",
      "%H:%M"
    ],
    "YEAR_MONTH_FORMAT": "F Y"
  };

    django.get_format = function(format_type) {
      const value = django.formats[format_type];
      if (typeof value === 'undefined') {
        return format_type;
      } else {
        return value;
      }
    };

    /* add to global namespace */
    globals.pluralidx = django.pluralidx;
    globals.gettext = django.gettext;
    globals.ngettext = django.ngettext;
    globals.gettext_noop = django.gettext_noop;
    globals.pgettext = django.pgettext;
    globals.npgettext = django.npgettext;
    globals.interpolate = django.interpolate;
    globals.get_format = django.get_format;

    django.jsi18n_initialized = true;
  }
};

