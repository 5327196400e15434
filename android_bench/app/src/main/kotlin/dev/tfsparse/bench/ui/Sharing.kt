// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.content.Intent
import android.net.Uri
import dev.tfsparse.bench.R
import dev.tfsparse.bench.store.ResultProvider
import java.io.File
import java.text.DateFormat
import java.text.ParseException
import java.text.SimpleDateFormat
import java.util.Locale

/** Offers a result's file to other apps. */
internal fun Activity.share(file: File) {
    val uri: Uri = ResultProvider.uriOf(this, file)
    val send = Intent(Intent.ACTION_SEND)
        .setType(ResultProvider.MIME_TYPE)
        .putExtra(Intent.EXTRA_STREAM, uri)
        .putExtra(Intent.EXTRA_SUBJECT, getString(R.string.share_title, file.name.removeSuffix(".json")))
        .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
    send.clipData = android.content.ClipData.newRawUri(file.name, uri)
    startActivity(Intent.createChooser(send, getString(R.string.share)))
}

/** A time in ISO 8601, as the reader's country and time zone write it. */
internal fun localTime(iso: String): String = try {
    val time = SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ssXXX", Locale.ROOT).parse(iso)
    if (time == null) iso else DateFormat.getDateTimeInstance(DateFormat.MEDIUM, DateFormat.SHORT).format(time)
} catch (_: ParseException) {
    iso
}
